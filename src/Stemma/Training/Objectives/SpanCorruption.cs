using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Training.Objectives;

/// <summary>
/// Cuts spans out of a text and leaves a sentinel for each; the target says the sentinels and what stood there. Raffel et al. 2019 (T5),
/// arXiv:1910.10683, section 3.1.4 and figure 2. The lengths of spans, and of what lies between, are random parts of their sums, as
/// in the original code: a text always begins with what is kept.
/// </summary>
public sealed record SpanCorruption
{
    /// <summary>The sentinels, in the order of use: of T5 the last ids of the vocabulary, counted down.</summary>
    public required IReadOnlyList<int> Sentinels { get; init; }

    /// <summary>Ends inputs and targets.</summary>
    public required int End { get; init; }

    /// <summary>The share of tokens that is cut out.</summary>
    public double Share { get; init; } = 0.15;

    /// <summary>The mean length of a span.</summary>
    public double MeanSpan { get; init; } = 3;

    /// <summary>The sentinels of T5: <c>&lt;extra_id_0&gt;</c> is the last id of the vocabulary.</summary>
    public static IReadOnlyList<int> LastOf(int vocabSize, int count = 100) => [.. Enumerable.Range(0, count).Select(i => vocabSize - 1 - i)];

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        if (!(Share is > 0 and < 1)) throw new ConfigurationException($"objective.share is {Share}; it is a share between 0 and 1.");
        if (!(MeanSpan >= 1)) throw new ConfigurationException($"objective.mean_span is {MeanSpan}; a span has at least one token.");
        if (Sentinels.Count == 0) throw new ConfigurationException("objective.sentinels is empty; a span needs one.");
    }

    /// <summary>Corrupts a text.</summary>
    /// <param name="tokens">At least two.</param>
    /// <param name="random">A stream of its own for each text and time.</param>
    /// <exception cref="ConfigurationException">The text has more spans than there are sentinels.</exception>
    public TokenPair Apply(ReadOnlySpan<int> tokens, RandomStream random)
    {
        if (tokens.Length < 2) throw new ArgumentException("A text of fewer than two tokens cannot lose some and keep some.", nameof(tokens));
        var cut = Math.Clamp((int)Math.Round(tokens.Length * Share), 1, tokens.Length - 1);
        var spans = Math.Clamp((int)Math.Round(cut / MeanSpan), 1, Math.Min(cut, tokens.Length - cut));
        if (spans > Sentinels.Count) throw new ConfigurationException($"A text of {tokens.Length:N0} tokens has {spans} spans, and there are {Sentinels.Count} sentinels. Use shorter texts, longer spans, or more sentinels.");
        var (lost, kept) = (Parts(cut, spans, random.Fork("lost")), Parts(tokens.Length - cut, spans, random.Fork("kept")));
        var (source, target, at) = (new List<int>(), new List<int>(), 0);
        for (var span = 0; span < spans; span++)
        {
            source.AddRange(tokens.Slice(at, kept[span]));
            at += kept[span];
            source.Add(Sentinels[span]);
            target.Add(Sentinels[span]);
            target.AddRange(tokens.Slice(at, lost[span]));
            at += lost[span];
        }
        return new([.. source, End], [.. target, End]);
    }

    /// <summary>The text that a corrupted one and its target came from.</summary>
    /// <exception cref="ArgumentException">They do not belong together.</exception>
    public int[] Restore(TokenPair pair)
    {
        var spans = new Dictionary<int, List<int>>();
        List<int>? span = null;
        foreach (var token in pair.Target[..^1])
        {
            if (Sentinels.Contains(token)) spans[token] = span = [];
            else (span ?? throw new ArgumentException("The target does not begin with a sentinel.", nameof(pair))).Add(token);
        }
        return [.. pair.Source[..^1].SelectMany(token => !Sentinels.Contains(token) ? [token] : spans.TryGetValue(token, out var tokens) ? tokens : throw new ArgumentException($"The target lacks the sentinel {token}.", nameof(pair)))];
    }

    /// <summary>A sum as so many positive parts, every way of it as likely: where cuts fall is a random choice among all places.</summary>
    private static int[] Parts(int sum, int count, RandomStream random)
    {
        // Floyd 1987: count − 1 of the sum − 1 places between units.
        var cuts = new SortedSet<int>();
        for (var place = sum - count + 1; place < sum; place++)
        {
            var drawn = 1 + (int)random.Below(place, (ulong)place);
            if (!cuts.Add(drawn)) cuts.Add(place);
        }
        int[] edges = [0, .. cuts, sum];
        return [.. edges.Skip(1).Zip(edges, (end, start) => end - start)];
    }
}
