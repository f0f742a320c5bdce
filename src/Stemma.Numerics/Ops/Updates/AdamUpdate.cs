using Stemma.Numerics.Backends;

namespace Stemma.Numerics.Ops;

/// <summary>Changes of weights, in place: what optimizers are made of. No tape sees them.</summary>
public static partial class WeightUpdates
{
    /// <summary>
    /// One step of Adam (Kingma &amp; Ba 2014, arXiv:1412.6980) or AdamW (Loshchilov &amp; Hutter 2017, arXiv:1711.05101) on one weight,
    /// in place; no tape sees it.
    /// </summary>
    /// <param name="weight">Changed; contiguous, float32 or float64.</param>
    /// <param name="gradient">Of the weight's shape and type.</param>
    /// <param name="mean">Running mean of gradients, changed; zeros before the first step.</param>
    /// <param name="variance">Running mean of squared gradients, changed; zeros before the first step.</param>
    /// <param name="arguments">The step's numbers.</param>
    /// <exception cref="ArgumentException">Shapes or types differ.</exception>
    public static void AdamUpdate(this Tensor weight, Tensor gradient, Tensor mean, Tensor variance, in AdamArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(gradient);
        using var scope = Memory.Scope();
        AdamUpdate([new(weight, gradient.Detach().Contiguous(), mean, variance)], arguments);
    }

    /// <summary>The same for many weights of one device, in one pass over all of them.</summary>
    /// <param name="weights">Tensors that are contiguous.</param>
    /// <param name="arguments">The step's numbers.</param>
    /// <exception cref="ArgumentException">Shapes or types differ.</exception>
    public static void AdamUpdate(ReadOnlySpan<AdamWeight> weights, in AdamArguments arguments)
    {
        foreach (ref readonly var w in weights)
        {
            CheckUpdate(w.Weight, w.Gradient);
            CheckUpdate(w.Weight, w.Mean);
            CheckUpdate(w.Weight, w.Variance);
        }
        foreach (ref readonly var w in weights) w.Weight.Storage.Change();
        if (weights.Length > 0) weights[0].Weight.Device.Backend.Adam(arguments, weights);
    }

    private static void CheckUpdate(Tensor weight, Tensor other)
    {
        if (weight.Shape != other.Shape || weight.DType != other.DType)
            throw new ArgumentException($"A weight {weight.DType}{weight.Shape} is not updated with {other.DType}{other.Shape}: shapes and types must agree.", nameof(other));
    }
}
