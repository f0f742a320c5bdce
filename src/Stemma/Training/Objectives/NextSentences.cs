using Stemma.Numerics;

namespace Stemma.Training.Objectives;

/// <summary>Two parts of a text to tell whether the second followed the first.</summary>
/// <param name="Tokens">begin, first part, separator, second part, separator.</param>
/// <param name="Types">0 up to the first separator, then 1.</param>
/// <param name="Follows">Whether the second part is what followed in the text.</param>
public sealed record SentencePair(int[] Tokens, int[] Types, bool Follows)
{
    /// <summary>The class: 0 where it follows, as BERT counts.</summary>
    public int Label => Follows ? 0 : 1;
}

/// <summary>
/// Pairs of neighbouring parts of texts, half of them with a second part from another text. Devlin et al. 2018, arXiv:1810.04805,
/// section 3.1, task 2; or the two parts swapped (Lan et al. 2019, arXiv:1909.11942, section 3.1).
/// </summary>
public sealed record NextSentences
{
    /// <summary>Begins each pair.</summary>
    public required int Begin { get; init; }

    /// <summary>Ends each part.</summary>
    public required int Separator { get; init; }

    /// <summary>The most tokens of a pair, the three special ones included.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>The share of pairs that do not follow.</summary>
    public double OtherShare { get; init; } = 0.5;

    /// <summary>Whether a pair that does not follow is the pair itself in the wrong order, instead of having its second part from another text.</summary>
    public bool SwapsOrder { get; init; }

    /// <summary>A pair from the sentences of a text.</summary>
    /// <param name="texts">Texts as sentences of tokens; at least two texts where parts come from others, each with at least one sentence.</param>
    /// <param name="text">The number of the text.</param>
    /// <param name="random">A stream of its own.</param>
    /// <exception cref="ArgumentException">The text has one sentence only, or there is no other text.</exception>
    public SentencePair Draw(IReadOnlyList<IReadOnlyList<int[]>> texts, int text, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var sentences = texts[text];
        if (sentences.Count < 2) throw new ArgumentException($"Text {text} has {sentences.Count} sentence(s); a pair needs two.", nameof(texts));
        if (!SwapsOrder && texts.Count < 2) throw new ArgumentException("A second part from another text needs another text.", nameof(texts));
        var cut = 1 + (int)random.Below(sentences.Count - 1, 0);
        var room = MaxTokens - 3;
        var follows = random.Uniform(1) >= OtherShare;
        int[] first = [.. sentences.Take(cut).SelectMany(tokens => tokens)], second = [.. sentences.Skip(cut).SelectMany(tokens => tokens)];
        if (!follows && SwapsOrder) (first, second) = (second, first);
        else if (!follows)
        {
            var other = (text + 1 + (int)random.Below(texts.Count - 1, 2)) % texts.Count;
            second = [.. texts[other].Skip((int)random.Below(texts[other].Count, 3)).SelectMany(tokens => tokens)];
        }
        // What stands next to the cut is kept: the end of the first part, the beginning of the second.
        while (first.Length + second.Length > room)
        {
            if (first.Length > second.Length) first = first[1..];
            else second = second[..^1];
        }
        return new([Begin, .. first, Separator, .. second, Separator], [.. Enumerable.Repeat(0, first.Length + 2), .. Enumerable.Repeat(1, second.Length + 1)], follows);
    }
}
