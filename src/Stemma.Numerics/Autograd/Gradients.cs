using System.Collections;
using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Numerics.Autograd;

/// <summary>The gradient of a loss with respect to each weight it depends on.</summary>
public sealed class Gradients : IEnumerable<KeyValuePair<Tensor, Tensor>>
{
    private readonly Dictionary<Tensor, Tensor> _byWeight;
    private bool _mayShare;
    private double? _norm;
    private double _scale = 1; // what clipping asked for and nobody has multiplied yet

    /// <param name="byWeight">The gradients.</param>
    /// <param name="mayShare">Whether two of them may stand in the same memory, as those of both operands of a sum do.</param>
    internal Gradients(Dictionary<Tensor, Tensor> byWeight, bool mayShare) => (_byWeight, _mayShare) = (byWeight, mayShare);

    /// <summary>The Euclidean norm over all weights together, before any clipping.</summary>
    public double Norm => _norm ??= Math.Sqrt(SumOfSquares());

    /// <summary>The gradient of one weight.</summary>
    /// <exception cref="KeyNotFoundException">The loss does not depend on it, or it does not require a gradient.</exception>
    public Tensor this[Tensor weight] => TryGet(weight, out var gradient)
        ? gradient
        : throw new KeyNotFoundException($"The loss does not depend on this tensor of shape {weight.Shape}, or it does not require a gradient.");

    /// <summary>The gradient of one weight, where there is one.</summary>
    public bool TryGet(Tensor weight, out Tensor gradient)
    {
        Settle();
        return _byWeight.TryGetValue(weight, out gradient!);
    }

    /// <summary>
    /// What <see cref="ClipNorm"/> multiplies by and has not yet, since nobody has looked. An update that reads every gradient anyway
    /// multiplies on the way, which saves a pass over all of them: see <see cref="TryGetUnscaled"/>.
    /// </summary>
    public double PendingScale => _scale;

    /// <summary>The gradient of one weight, where there is one, still to be multiplied by <see cref="PendingScale"/>. It may stand in another's memory: only read it.</summary>
    public bool TryGetUnscaled(Tensor weight, out Tensor gradient) => _byWeight.TryGetValue(weight, out gradient!);

    /// <summary>
    /// Scales all gradients so that their common norm is at most <paramref name="maximum"/> (Pascanu et al. 2013, arXiv:1211.5063).
    /// </summary>
    /// <returns>These gradients; they are changed in place when they are next looked at.</returns>
    public Gradients ClipNorm(double maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        Settle();
        var scale = maximum / (Norm + 1e-6);
        if (scale < 1)
        {
            Unshare();
            _scale = scale;
        }
        return this;
    }

    /// <summary>Bounds every single component to ±<paramref name="maximum"/>.</summary>
    /// <returns>These gradients, changed in place.</returns>
    public Gradients ClipValue(double maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        Settle();
        Unshare();
        foreach (var gradient in _byWeight.Values) gradient.Device.Backend.Clamp(gradient, -maximum, maximum, gradient);
        return this;
    }

    /// <summary>Adds the gradients of another part of the same batch.</summary>
    /// <returns>These gradients, changed in place.</returns>
    public Gradients Add(Gradients other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Settle();
        other.Settle();
        // What a higher-order tape has recorded must not change; elsewhere the sum takes no memory of its own.
        var recorded = _byWeight.Values.Concat(other._byWeight.Values).Any(gradient => gradient.RequiresGradient);
        if (!recorded) Unshare();
        foreach (var (weight, gradient) in other._byWeight)
        {
            if (!_byWeight.TryGetValue(weight, out var sum)) _byWeight.Add(weight, gradient);
            else if (recorded) _byWeight[weight] = sum + gradient;
            else sum.Device.Backend.Accumulate(gradient, sum);
        }
        _mayShare |= other._mayShare;
        _norm = null;
        return this;
    }

    /// <summary>Lets the gradients out of a scope's or a tape's memory.</summary>
    /// <param name="keep">For example <c>tape.Keep</c>.</param>
    /// <returns>These gradients.</returns>
    public Gradients Keep(Func<Tensor, Tensor> keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        foreach (var gradient in _byWeight.Values) keep(gradient);
        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Tensor, Tensor>> GetEnumerator()
    {
        Settle();
        return _byWeight.GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Settle()
    {
        if (_scale == 1) return;
        foreach (var gradient in _byWeight.Values) gradient.Device.Backend.Affine(gradient, _scale, 0, gradient);
        _scale = 1;
    }

    private double SumOfSquares()
    {
        var sum = 0.0;
        foreach (var gradient in _byWeight.Values) sum += MatrixNorms.SumOfSquares(gradient);
        return sum;
    }

    // What shares memory must not be changed in place twice.
    private void Unshare()
    {
        if (!_mayShare) return;
        var seen = new HashSet<Storage>();
        foreach (var (weight, gradient) in _byWeight.ToArray())
        {
            if (seen.Add(gradient.Storage)) continue;
            var own = Tensor.Empty(gradient.Shape, gradient.DType, gradient.Device);
            gradient.Device.Backend.Copy(gradient, own);
            _byWeight[weight] = own;
        }
        _mayShare = false;
    }
}
