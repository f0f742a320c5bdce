using Stemma.Numerics.Backends;

namespace Stemma.Numerics.Ops;

public static partial class WeightUpdates
{
    /// <summary>One step of gradient descent on one weight, with momentum where a velocity is given, in place; no tape sees it.</summary>
    /// <param name="weight">Changed; contiguous, float32 or float64.</param>
    /// <param name="gradient">Of the weight's shape and type.</param>
    /// <param name="velocity">The running sum of gradients, changed; null without momentum.</param>
    /// <param name="arguments">The step's numbers.</param>
    /// <exception cref="ArgumentException">Shapes or types differ.</exception>
    public static void SgdUpdate(this Tensor weight, Tensor gradient, Tensor? velocity, in SgdArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(weight);
        CheckUpdate(weight, gradient);
        if (velocity is not null) CheckUpdate(weight, velocity);
        using var scope = Memory.Scope();
        weight.Storage.Change();
        weight.Device.Backend.Sgd(arguments, weight, gradient.Detach().Contiguous(), velocity);
    }
}
