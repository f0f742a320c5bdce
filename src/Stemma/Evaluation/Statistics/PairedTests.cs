namespace Stemma.Evaluation.Statistics;

/// <summary>What each paired test says of two systems' scores of the same parts of a text. A test that these scores do not allow is null.</summary>
/// <param name="T">Whether the mean difference is 0 (Student).</param>
/// <param name="Wilcoxon">Whether the differences lie around 0, by ranks: a few large ones do not decide it.</param>
/// <param name="McNemar">Where every score is right or wrong: whether one system is right more often.</param>
public sealed record PairedTests(TestResult? T, TestResult? Wilcoxon, TestResult? McNemar)
{
    /// <summary>Compares two systems.</summary>
    /// <param name="first">A score of each part; parts with a score that is no number are left out.</param>
    /// <param name="second">The other system's, of the same parts.</param>
    /// <exception cref="ArgumentException">Other numbers of parts.</exception>
    public static PairedTests Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count) throw new ArgumentException($"The systems have {first.Count} and {second.Count} scores; they must be of the same parts.", nameof(second));
        var pairs = first.Zip(second).Where(pair => double.IsFinite(pair.First) && double.IsFinite(pair.Second)).ToArray();
        double[] differences = [.. pairs.Select(pair => pair.Second - pair.First)], values = [.. pairs.SelectMany(pair => (double[])[pair.First, pair.Second]).Distinct().Order()];
        // Right and wrong: two values at most, of which the smaller is 0 where both are there.
        var isBinary = pairs.Length > 0 && values.Length <= 2 && (values.Length < 2 || values[0] == 0) && Array.TrueForAll(values, value => value is 0 or 1 or 100);
        return new(
            differences.Length >= 2 && differences.Distinct().Skip(1).Any() ? SignificanceTests.PairedT(differences) : null,
            differences.Any(difference => difference != 0) ? SignificanceTests.Wilcoxon(differences) : null,
            isBinary ? SignificanceTests.McNemar(differences.LongCount(difference => difference < 0), differences.LongCount(difference => difference > 0)) : null);
    }

    /// <summary>"t p = 0.012, Wilcoxon p &lt; 0.001": the tests there are; empty where there is none.</summary>
    public override string ToString() => string.Join(", ", ((string Name, TestResult? Result)[])[("t", T), ("Wilcoxon", Wilcoxon), ("McNemar", McNemar)] is var all
        ? all.Where(test => test.Result is not null).Select(test => $"{test.Name} {PValue(test.Result!.Value.PValue)}")
        : []);

    /// <summary>"p = 0.012", "p &lt; 0.001".</summary>
    public static string PValue(double p) => p < 0.001 ? "p < 0.001" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p = {p:0.000}");
}
