using System.Globalization;

namespace Stemma.Bench.NGrams;

/// <summary>How far two ARPA files of one model lie apart, in log10.</summary>
/// <param name="Count">N-grams of the second.</param>
/// <param name="Missing">N-grams that one file alone has.</param>
/// <param name="Above">N-grams whose probability differs by more than 1e-5.</param>
/// <param name="Probability">The largest difference of probabilities.</param>
/// <param name="Backoff">The largest difference of back-off weights.</param>
internal sealed record ArpaDifference(long Count, long Missing, long Above, double Probability, double Backoff)
{
    public static ArpaDifference Between(string first, string second)
    {
        using var a = new StreamReader(first);
        using var b = new StreamReader(second);
        var (count, missing, above, probability, backoff) = (0L, 0L, 0L, 0.0, 0.0);
        while (Section(a) is { } ours && Section(b) is { } theirs)
        {
            foreach (var (words, (p, weight)) in theirs)
            {
                count++;
                if (!ours.Remove(words, out var own))
                {
                    missing++;
                    continue;
                }
                if (Math.Abs(p - own.Probability) > 1e-5) above++;
                (probability, backoff) = (Math.Max(probability, Math.Abs(p - own.Probability)), Math.Max(backoff, Math.Abs(weight - own.Backoff)));
            }
            missing += ours.Count;
        }
        return new(count, missing, above, probability, backoff);
    }

    private static Dictionary<string, (double Probability, double Backoff)>? Section(StreamReader reader)
    {
        string? line;
        do line = reader.ReadLine();
        while (line is not null && !line.EndsWith("-grams:", StringComparison.Ordinal));
        if (line is null) return null;
        var grams = new Dictionary<string, (double, double)>();
        while (reader.ReadLine() is { Length: > 0 } gram)
        {
            var parts = gram.Split('\t');
            grams.Add(parts[1], (double.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 2 ? double.Parse(parts[2], CultureInfo.InvariantCulture) : 0));
        }
        return grams;
    }
}
