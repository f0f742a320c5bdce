using Stemma.Numerics;

namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// Two systems on the same segments: how sure is the difference? Koehn 2004 (paired bootstrap), Riezler and Maxwell 2005
/// (approximate randomisation).
/// </summary>
/// <param name="Baseline">The first system's score and interval.</param>
/// <param name="System">The second's.</param>
/// <param name="Difference">Second less first, with the paired bootstrap's interval.</param>
/// <param name="PValue">Chance of a difference at least as large if the two were alike, by approximate randomisation.</param>
public sealed record SystemComparison(ScoreInterval Baseline, ScoreInterval System, ScoreInterval Difference, double PValue)
{
    /// <summary>Resamples both systems' segments alike.</summary>
    /// <param name="metric">What is compared.</param>
    /// <param name="baseline">The first system's counts.</param>
    /// <param name="system">The second's, on the same segments.</param>
    /// <param name="samples">Resamples of either kind, ≥ 1.</param>
    /// <param name="seed">Decides them.</param>
    /// <exception cref="ArgumentException">Other numbers of segments, or none.</exception>
    public static SystemComparison Of(ICountedScore metric, SegmentCounts baseline, SegmentCounts system, int samples = 1000, ulong seed = 1337)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(system);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (baseline.SegmentCount != system.SegmentCount) throw new ArgumentException($"The systems have {baseline.SegmentCount} and {system.SegmentCount} segments; they must be the same ones.", nameof(system));
        if (baseline.SegmentCount == 0) throw new ArgumentException("There are no segments to resample.", nameof(baseline));
        var (ofBaseline, ofSystem, differences) = (new double[samples], new double[samples], new double[samples]);
        var random = new RandomStream(seed).Fork("bootstrap");
        for (var sample = 0; sample < samples; sample++)
        {
            var (a, b) = (new double[metric.CountLength], new double[metric.CountLength]);
            foreach (var segment in Resample(random, sample, baseline.SegmentCount))
            {
                baseline.AddTo(a, segment);
                system.AddTo(b, segment);
            }
            (ofBaseline[sample], ofSystem[sample]) = (metric.Score(a), metric.Score(b));
            differences[sample] = ofSystem[sample] - ofBaseline[sample];
        }
        var (first, second) = (metric.Score(baseline.Sum()), metric.Score(system.Sum()));
        return new(ScoreInterval.Of(first, ofBaseline), ScoreInterval.Of(second, ofSystem), ScoreInterval.Of(second - first, differences), Randomise(metric, baseline, system, Math.Abs(second - first), samples, seed));
    }

    /// <summary>One system's interval.</summary>
    /// <inheritdoc cref="Of"/>
    public static ScoreInterval Interval(ICountedScore metric, SegmentCounts system, int samples = 1000, ulong seed = 1337)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(system);
        if (system.SegmentCount == 0) throw new ArgumentException("There are no segments to resample.", nameof(system));
        var random = new RandomStream(seed).Fork("bootstrap");
        var scores = new double[samples];
        for (var sample = 0; sample < samples; sample++)
        {
            var sum = new double[metric.CountLength];
            foreach (var segment in Resample(random, sample, system.SegmentCount)) system.AddTo(sum, segment);
            scores[sample] = metric.Score(sum);
        }
        return ScoreInterval.Of(metric.Score(system.Sum()), scores);
    }

    private static IEnumerable<int> Resample(RandomStream random, int sample, int count)
    {
        for (var i = 0; i < count; i++) yield return (int)(random.Uniform((ulong)sample * (ulong)count + (ulong)i) * count);
    }

    /// <summary>Each segment's two results change sides by the throw of a coin; a difference as large as the real one counts.</summary>
    private static double Randomise(ICountedScore metric, SegmentCounts baseline, SegmentCounts system, double real, int samples, ulong seed)
    {
        var random = new RandomStream(seed).Fork("randomisation");
        var atLeast = 0;
        for (var sample = 0; sample < samples; sample++)
        {
            var (a, b) = (new double[metric.CountLength], new double[metric.CountLength]);
            for (var i = 0; i < baseline.SegmentCount; i++)
            {
                var changes = random.Uniform((ulong)sample * (ulong)baseline.SegmentCount + (ulong)i) < 0.5;
                (changes ? system : baseline).AddTo(a, i);
                (changes ? baseline : system).AddTo(b, i);
            }
            // Rounding may not decide whether an exchange that changes nothing is as large as the real difference.
            if (Math.Abs(metric.Score(b) - metric.Score(a)) >= real * (1 - 1e-12) - 1e-12) atLeast++;
        }
        return (atLeast + 1.0) / (samples + 1);
    }
}

/// <summary>A score and where 95 % of its resamples lie.</summary>
/// <param name="Value">Of the whole text.</param>
/// <param name="Low">The 2.5th percentile.</param>
/// <param name="High">The 97.5th.</param>
public readonly record struct ScoreInterval(double Value, double Low, double High)
{
    internal static ScoreInterval Of(double value, double[] samples)
    {
        Array.Sort(samples);
        var cut = samples.Length / 40;
        return new(value, samples[cut], samples[^(cut + 1)]);
    }
}
