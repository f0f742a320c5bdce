using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Interpretability;

/// <summary>
/// Measures how large values are from layer to layer: where their mean square shrinks or grows by a factor a layer, so do gradients on
/// their way back, and the net does not learn. Glorot &amp; Bengio 2010; He et al. 2015, arXiv:1502.01852, section 2.2.
/// </summary>
/// <param name="site">What is measured.</param>
public sealed class LayerVariance(Site site = Site.MlpPost) : IObserver
{
    private readonly Site _site = site;
    private readonly SortedDictionary<int, (double Sum, double Squares, long Count)> _layers = [];

    /// <summary>The variance of all units over all rows seen, of each layer in their order.</summary>
    public IReadOnlyList<double> Variances => [.. _layers.Values.Select(layer => layer.Squares / layer.Count - Math.Pow(layer.Sum / layer.Count, 2))];

    /// <summary>The mean square, of each layer in their order.</summary>
    public IReadOnlyList<double> MeanSquares => [.. _layers.Values.Select(layer => layer.Squares / layer.Count)];

    /// <inheritdoc/>
    public Tensor Observe(Site site, int layer, Tensor value)
    {
        if (site != _site) return value;
        ArgumentNullException.ThrowIfNull(value);
        using var scope = Memory.Scope();
        var seen = _layers.GetValueOrDefault(layer);
        foreach (var x in value.Detach().Cast(DType.Float64).ToArray<double>())
        {
            seen.Sum += x;
            seen.Squares += x * x;
            seen.Count++;
        }
        _layers[layer] = seen;
        return value;
    }
}
