using Stemma.Evaluation.Statistics;

namespace Stemma.Reproductions.Encoders;

/// <summary>Two ways of doing the same thing, seed by seed: what each reached, what the second gained with its 95 % interval (Student), and how likely so much is by chance (paired t).</summary>
internal static class SeedComparison
{
    /// <summary>What is written under each page that compares so.</summary>
    public const string Note = "Of each way the mean over seeds, with the least and the greatest; of what is gained the mean of the differences seed by seed, with Student's 95 % interval, and p of the paired t-test.";

    /// <summary>What the second gained, as bands name it.</summary>
    public static string Gain(string what) => $"{what} gained";

    /// <summary>The measurements.</summary>
    /// <param name="what">Is measured.</param>
    /// <param name="first">The one compared with: its name, a value for each seed (at least two).</param>
    /// <param name="second">The other, with the same seeds.</param>
    public static IEnumerable<Measurement> Of(string what, (string Name, double[] Values) first, (string Name, double[] Values) second)
    {
        double[] gained = [.. second.Values.Zip(first.Values, (one, other) => one - other)];
        var interval = MeanInterval.Of(gained);
        yield return Measurement.OfSeeds($"{what}, {first.Name}", first.Values);
        yield return Measurement.OfSeeds($"{what}, {second.Name}", second.Values);
        yield return new(Gain(what), interval.Mean, interval.Low, interval.High);
        // Differences that are all alike leave nothing to test.
        if (PairedTests.Of(first.Values, second.Values).T is { } test) yield return new($"{Gain(what)}, p", test.PValue);
    }
}
