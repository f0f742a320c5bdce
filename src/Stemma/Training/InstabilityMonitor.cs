using System.Text.Json.Nodes;

namespace Stemma.Training;

/// <summary>What of a step stands out from the steps before it.</summary>
[Flags]
public enum Instability
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The loss jumped.</summary>
    Loss = 1,

    /// <summary>The gradient is many times as long as of late, before any clipping.</summary>
    Gradient = 2,
}

/// <summary>
/// Watches a training for spikes: a loss far above the median of the last steps, measured by their scatter, or a gradient several times as
/// long as theirs. Loss spikes: Chowdhery et al. 2022, arXiv:2204.02311, section 5.1; exploding gradients: Pascanu et al. 2013, arXiv:1211.5063.
/// </summary>
public sealed class InstabilityMonitor
{
    /// <summary>Steps that a step is held against; a step depends on no others.</summary>
    public const int Window = 64;

    private const int Least = 16;
    private const double LossDeviations = 8, GradientTimes = 5;

    private readonly Queue<(double Loss, double Norm)> _recent = new();

    /// <summary>Takes in a step.</summary>
    /// <param name="loss">Of its batch, in nats per token.</param>
    /// <param name="gradientNorm">Before clipping.</param>
    /// <returns>What stands out, once there are enough steps to compare with.</returns>
    public Instability Observe(double loss, double gradientNorm)
    {
        var found = Instability.None;
        if (_recent.Count >= Least)
        {
            var (losses, norms) = (_recent.Select(step => step.Loss).Order().ToArray(), _recent.Select(step => step.Norm).Order().ToArray());
            var median = Median(losses);
            // The median distance is 1 / 1.4826 of a normal distribution's deviation; a loss that hardly scatters may still move by a hundredth.
            var deviation = Math.Max(1.4826 * Median([.. losses.Select(x => Math.Abs(x - median)).Order()]), 0.01 * Math.Abs(median));
            if (!(loss <= median + LossDeviations * deviation)) found |= Instability.Loss;
            if (!(gradientNorm <= GradientTimes * Median(norms))) found |= Instability.Gradient;
        }
        _recent.Enqueue((loss, gradientNorm));
        if (_recent.Count > Window) _recent.Dequeue();
        return found;
    }

    /// <summary>Takes in steps that were recorded before: lines of <c>metrics.jsonl</c>.</summary>
    internal void Read(IEnumerable<string> lines)
    {
        foreach (var line in lines.TakeLast(2 * Window))
            if (JsonNode.Parse(line) is { } record && record["loss"] is { } loss && record["gradient_norm"] is { } norm) Observe((double)loss, (double)norm);
    }

    private static double Median(double[] sorted) => 0.5 * (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]);
}
