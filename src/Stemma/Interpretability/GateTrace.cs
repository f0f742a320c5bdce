using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Interpretability;

/// <summary>
/// Watches the gates and the cell of one recurrent layer while it reads one sequence, and draws a unit of it. Karpathy et al. 2015,
/// arXiv:1506.02078.
/// </summary>
/// <param name="layer">Which, from 0.</param>
public sealed class GateTrace(int layer = 0) : IObserver
{
    private readonly int _layer = layer;
    private readonly Dictionary<Site, List<float[]>> _seen = [];

    /// <summary>What was seen at a site: of each step the value of every unit. Nothing where the layer has no such site.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Of(Site site) => _seen.TryGetValue(site, out var steps) ? steps : [];

    /// <inheritdoc/>
    public Tensor Observe(Site site, int layer, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (layer != _layer) return value;
        if (value.Shape[0] != 1) throw new ArgumentException($"A trace is that of one sequence; the pass has {value.Shape[0]}.", nameof(value));
        if (!_seen.TryGetValue(site, out var steps)) _seen[site] = steps = [];
        steps.Add(value.Cast(DType.Float32).ToArray<float>());
        return value;
    }

    /// <summary>The unit whose value moves most over the sequence.</summary>
    /// <param name="site">Where it is looked for.</param>
    public int LiveliestUnit(Site site)
    {
        var steps = Of(site);
        if (steps.Count == 0) throw new InvalidOperationException($"Nothing was seen at {site}.");
        return Enumerable.Range(0, steps[0].Count).MaxBy(unit =>
        {
            var mean = steps.Average(step => step[unit]);
            return steps.Sum(step => Math.Pow(step[unit] - mean, 2));
        });
    }

    /// <summary>Draws a unit: its cell, and its gates from 0 to 1, step by step.</summary>
    /// <param name="labels">What was read at each step.</param>
    /// <param name="unit">From 0.</param>
    public Chart Figure(IReadOnlyList<string> labels, int unit)
    {
        ArgumentNullException.ThrowIfNull(labels);
        (Site Site, string Name)[] lines = [(Site.Cell, "cell"), (Site.InputGate, "input gate"), (Site.ForgetGate, "forget gate"), (Site.OutputGate, "output gate"), (Site.ResetGate, "reset gate"), (Site.UpdateGate, "update gate")];
        return new()
        {
            Title = $"Gates of unit {unit}",
            Subtitle = "What it lets in, keeps and shows while it reads",
            Width = Math.Max(720, 14 * labels.Count),
            X = new CategoryAxis("read", labels),
            Y = new LinearAxis("value"),
            Series = [.. lines.Where(line => Of(line.Site).Count > 0).Select(line => new LineSeries(line.Name, Series.Values(Of(line.Site).Select(step => (double)step[unit]))))],
        };
    }
}
