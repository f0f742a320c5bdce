using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>Some pairs of a source and its target, packed: what an encoder–decoder learns from at once.</summary>
/// <param name="Sources">Tokens, source after source.</param>
/// <param name="SourceLayout">Where each begins and ends.</param>
/// <param name="Inputs">What the decoder reads: the begin token, then the target without its last token (teacher forcing, Williams &amp; Zipser 1989).</param>
/// <param name="Targets">What it should say after each.</param>
/// <param name="TargetLayout">Where each target begins and ends.</param>
public sealed record PairBatch(int[] Sources, SequenceLayout SourceLayout, int[] Inputs, int[] Targets, SequenceLayout TargetLayout)
{
    /// <summary>A batch of pairs.</summary>
    /// <param name="pairs">At least one token on either side.</param>
    /// <param name="begin">What the decoder reads first.</param>
    public static PairBatch Of(IReadOnlyList<TokenPair> pairs, int begin)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return new(
            [.. pairs.SelectMany(pair => pair.Source)], SequenceLayout.Packed([.. pairs.Select(pair => pair.Source.Length)]),
            [.. pairs.SelectMany(pair => pair.Target.Take(pair.Target.Length - 1).Prepend(begin))], [.. pairs.SelectMany(pair => pair.Target)],
            SequenceLayout.Packed([.. pairs.Select(pair => pair.Target.Length)]));
    }
}

/// <summary>A source and what belongs to it.</summary>
/// <param name="Source">Tokens, the end included.</param>
/// <param name="Target">Tokens, the end included.</param>
public readonly record struct TokenPair(int[] Source, int[] Target);
