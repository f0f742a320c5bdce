using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Training.Objectives;

/// <summary>A text made noisy is to be put right: source and target of BART's training. Lewis et al. 2019, arXiv:1910.13461, section 2.2.</summary>
public sealed record Denoising
{
    /// <summary>The noises, one after the other; BART itself permutes sentences and fills spans.</summary>
    public required IReadOnlyList<Noise> Noises { get; init; }

    /// <summary>Begins source and target.</summary>
    public required int Begin { get; init; }

    /// <summary>Ends source and target.</summary>
    public required int End { get; init; }

    /// <summary>Makes a text noisy.</summary>
    /// <param name="tokens">At least one.</param>
    /// <param name="random">A stream of its own for each text and time.</param>
    public TokenPair Apply(IReadOnlyList<int> tokens, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Count == 0) throw new ArgumentException("An empty text cannot be made noisy.", nameof(tokens));
        var noisy = tokens;
        foreach (var (i, noise) in Noises.Index()) noisy = noise.Apply(noisy, random.Fork((ulong)i));
        return new([Begin, .. noisy, End], [Begin, .. tokens, End]);
    }
}

/// <summary>A way to make a text noisy.</summary>
public abstract record Noise
{
    /// <summary>The noisy text.</summary>
    public abstract IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random);

    private protected static int[] Shuffled(int count, RandomStream random)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)random.Below(i + 1, (ulong)i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}

/// <summary>Tokens become the mask.</summary>
/// <param name="Mask">The mask's id.</param>
/// <param name="Share">With which probability.</param>
public sealed record TokenMasking(int Mask, double Share) : Noise
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random) => [.. tokens.Select((token, i) => random.Uniform((ulong)i) < Share ? Mask : token)];
}

/// <summary>Tokens disappear, so that the model must also find out where.</summary>
/// <param name="Share">With which probability.</param>
public sealed record TokenDeletion(double Share) : Noise
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random) => [.. tokens.Where((_, i) => random.Uniform((ulong)i) >= Share)];
}

/// <summary>Spans become one mask each, so that the model must also find out how many tokens stood there; a span of length 0 puts in a mask where nothing was.</summary>
/// <param name="Mask">The mask's id.</param>
/// <param name="Share">The share of tokens in spans.</param>
/// <param name="MeanSpan">λ of the Poisson distribution that lengths are drawn from.</param>
public sealed record TextInfilling(int Mask, double Share, double MeanSpan = 3) : Noise
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var wanted = (int)Math.Round(tokens.Count * Share);
        var (lengths, empty, draws) = (new List<int>(), 0, random.Fork("lengths"));
        for (var i = 0ul; lengths.Sum() < wanted; i++)
        {
            var length = Math.Min(Poisson(draws.Uniform(i)), wanted - lengths.Sum());
            if (length == 0) empty++;
            else lengths.Add(length);
        }
        // Spans lie apart: what is kept is divided into the room before, between and after them, and each may be empty but for one token between.
        var kept = tokens.Count - lengths.Sum();
        while (lengths.Count > kept + 1) lengths = [.. lengths.SkipLast(2), lengths[^2] + lengths[^1]];
        var order = Shuffled(lengths.Count, random.Fork("order"));
        var places = Choose(kept + 1, lengths.Count, random.Fork("places"));
        var inserted = Enumerable.Range(0, empty).GroupBy(i => (int)random.Fork("empty").Below(kept + 1, (ulong)i)).ToDictionary(group => group.Key, group => group.Count());
        var (result, at, span) = (new List<int>(), 0, 0);
        for (var place = 0; place <= kept; place++)
        {
            result.AddRange(Enumerable.Repeat(Mask, inserted.GetValueOrDefault(place)));
            if (places.Contains(place))
            {
                result.Add(Mask);
                at += lengths[order[span++]];
            }
            if (place < kept) result.Add(tokens[at++]);
        }
        return result;
    }

    private int Poisson(double left)
    {
        var (length, probability) = (0, Math.Exp(-MeanSpan));
        for (; (left -= probability) >= 0 && length < 1000; probability *= MeanSpan / ++length) ;
        return length;
    }

    private static HashSet<int> Choose(int from, int count, RandomStream random) => [.. Shuffled(from, random).Take(count)];
}

/// <summary>Sentences change places.</summary>
/// <param name="EndsSentence">Whether a token ends a sentence.</param>
public sealed record SentencePermutation(Func<int, bool> EndsSentence) : Noise
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        List<List<int>> sentences = [[]];
        foreach (var token in tokens)
        {
            sentences[^1].Add(token);
            if (EndsSentence(token)) sentences.Add([]);
        }
        if (sentences[^1].Count == 0) sentences.RemoveAt(sentences.Count - 1);
        return [.. Shuffled(sentences.Count, random).SelectMany(i => sentences[i])];
    }
}

/// <summary>The text begins somewhere else, and its beginning follows its end.</summary>
public sealed record DocumentRotation : Noise
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Apply(IReadOnlyList<int> tokens, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.Count == 0) return tokens;
        var start = (int)random.Below(tokens.Count, 0);
        return [.. tokens.Skip(start), .. tokens.Take(start)];
    }
}
