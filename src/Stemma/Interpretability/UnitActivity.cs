using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Interpretability;

/// <summary>
/// Counts units that do not learn: those whose activation function was flat, |f′(z)| ≤ threshold, on every row that was seen. With
/// ReLU and threshold 0 these are the dead units (Maas et al. 2013); with sigmoid and tanh the saturated ones (Glorot &amp; Bengio 2010).
/// </summary>
/// <example><code>
/// var activity = new UnitActivity(z => z.Relu());
/// model.Logits(inputs, new Pass(layout, Observer: activity));
/// foreach (var layer in activity.Layers) Console.WriteLine($"{layer.DeadCount} of {layer.UnitCount} units of layer {layer.Layer} are dead");
/// </code></example>
/// <param name="activation">f, elementwise; its slope comes from automatic differentiation.</param>
/// <param name="threshold">A slope of at most this, in absolute value, counts as flat; ≥ 0.</param>
/// <param name="site">Where z is seen, [rows, units].</param>
public sealed class UnitActivity(Func<Tensor, Tensor> activation, double threshold = 0, Site site = Site.MlpPre) : IObserver
{
    private readonly Site _site = site;
    private readonly SortedDictionary<int, (long Rows, long[] FlatRows)> _layers = [];

    /// <summary>What was seen of each layer since the beginning, in the layers' order.</summary>
    public IReadOnlyList<LayerActivity> Layers => [.. _layers.Select(layer => new LayerActivity(layer.Key, layer.Value.Rows, layer.Value.FlatRows))];

    /// <inheritdoc/>
    public Tensor Observe(Site site, int layer, Tensor value)
    {
        if (site != _site) return value;
        ArgumentNullException.ThrowIfNull(value);
        var units = value.Shape[-1];
        if (!_layers.TryGetValue(layer, out var seen)) seen = (0, new long[units]);
        if (seen.FlatRows.Length != units) throw new ArgumentException($"Layer {layer} had {seen.FlatRows.Length} units before and has {units} now.", nameof(value));
        var slopes = Slopes(activation, value);
        for (var i = 0; i < slopes.Length; i++)
            if (Math.Abs(slopes[i]) <= threshold) seen.FlatRows[i % units]++;
        _layers[layer] = (seen.Rows + slopes.Length / units, seen.FlatRows);
        return value;
    }

    /// <summary>f′ of every element, row-major.</summary>
    internal static double[] Slopes(Func<Tensor, Tensor> activation, Tensor z)
    {
        using var scope = Memory.Scope();
        using var tape = Tape.Start();
        var leaf = z.Detach().WithGradient();
        return tape.Backward(activation(leaf).Sum())[leaf].Cast(DType.Float64).ToArray<double>();
    }
}

/// <summary>How the units of one layer behaved.</summary>
/// <param name="Layer">The block's number, from 0.</param>
/// <param name="Rows">Rows seen.</param>
/// <param name="FlatRows">For each unit, on how many of them its activation was flat.</param>
public sealed record LayerActivity(int Layer, long Rows, IReadOnlyList<long> FlatRows)
{
    /// <summary>The number of units.</summary>
    public int UnitCount => FlatRows.Count;

    /// <summary>Units that were flat on every row: no gradient of these rows reaches their weights.</summary>
    public int DeadCount => FlatRows.Count(rows => rows == Rows);

    /// <summary>The share of rows × units that were flat, 0 to 1.</summary>
    public double FlatShare => Rows == 0 ? 0 : FlatRows.Sum() / ((double)Rows * UnitCount);
}
