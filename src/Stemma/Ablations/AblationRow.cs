using Stemma.Evaluation.Statistics;

namespace Stemma.Ablations;

/// <summary>A variant in the table of its study: means over seeds, and how it differs from what it is compared with.</summary>
/// <param name="Variant">Which.</param>
/// <param name="Parameters">Numbers that training changes.</param>
/// <param name="FlopsPerToken">Floating-point operations a token.</param>
/// <param name="Readings">Mean bits per byte at each length, with the interval; NaN where nothing could be read.</param>
/// <param name="Diverged">Seeds whose training did.</param>
/// <param name="Against">What it is compared with; null for the first.</param>
/// <param name="Difference">Its bits per byte less the other's at the first length, over pairs of the same seed; null where there are not two pairs.</param>
/// <param name="Test">Whether that is 0: paired t; null where all differences are the same.</param>
/// <param name="Seconds">Mean seconds of training.</param>
public sealed record AblationRow(
    AblationVariant Variant, long Parameters, double FlopsPerToken, IReadOnlyList<MeanInterval> Readings, int Diverged, AblationVariant? Against, MeanInterval? Difference, TestResult? Test, double Seconds)
{
    /// <summary>The level of every test.</summary>
    public const double Level = 0.05;

    /// <summary>What the test says.</summary>
    public string Verdict => Against is null ? "" : Test is not { } test || Difference is not { } difference ? "not tested" : test.PValue >= Level ? "no difference shown" : difference.Mean < 0 ? "better" : "worse";

    /// <summary>The table of a study.</summary>
    /// <param name="study">What was asked.</param>
    /// <param name="results">All that came.</param>
    public static IReadOnlyList<AblationRow> Table(AblationStudy study, IReadOnlyCollection<AblationResult> results)
    {
        ArgumentNullException.ThrowIfNull(study);
        return [.. study.Variants.Where(variant => results.Any(result => result.Variant == variant.Name)).Select(variant => Of(study, variant, results))];
    }

    private static AblationRow Of(AblationStudy study, AblationVariant variant, IReadOnlyCollection<AblationResult> results)
    {
        var own = results.Where(result => result.Variant == variant.Name).OrderBy(result => result.Seed).ToArray();
        var against = study.AgainstOf(variant);
        var pairs = from result in own
                    join other in results.Where(result => result.Variant == against?.Name) on result.Seed equals other.Seed
                    let difference = result.Readings[0].BitsPerByte - other.Readings[0].BitsPerByte
                    where difference is not null
                    select difference.Value;
        double[] differences = [.. pairs];
        return new(
            variant, own[0].Parameters, own[0].FlopsPerToken,
            [.. Enumerable.Range(0, own[0].Readings.Count).Select(i => MeanInterval.Of([.. own.Select(result => result.Readings[i].BitsPerByte).OfType<double>()]))],
            own.Count(result => result.Failure is not null), against,
            differences.Length < 2 ? null : MeanInterval.Of(differences),
            differences.Distinct().Count() < 2 ? null : SignificanceTests.PairedT(differences),
            own.Average(result => result.Seconds));
    }
}
