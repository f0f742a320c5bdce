using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Objectives;

/// <summary>A text cut in two: the first part is given, the second to be continued.</summary>
/// <param name="Inputs">The text without its last token.</param>
/// <param name="Targets">What follows each; <see cref="TensorOps.IgnoreIndex"/> within the prefix.</param>
/// <param name="PrefixLength">Tokens of the prefix: they may all see each other.</param>
public sealed record PrefixText(int[] Inputs, int[] Targets, int PrefixLength);

/// <summary>The prefix language model: a random prefix is read from both sides, the rest is predicted from left to right. Liu et al. 2018, arXiv:1801.10198; Raffel et al. 2019, arXiv:1910.10683, section 3.2.1.</summary>
public static class PrefixSplit
{
    /// <summary>Cuts a text at a random place.</summary>
    /// <param name="tokens">At least two.</param>
    /// <param name="random">A stream of its own.</param>
    public static PrefixText Apply(ReadOnlySpan<int> tokens, RandomStream random)
    {
        if (tokens.Length < 2) throw new ArgumentException("A text of fewer than two tokens has no prefix and rest.", nameof(tokens));
        var prefix = 1 + (int)random.Below(tokens.Length - 1, 0);
        var targets = tokens[1..].ToArray();
        targets.AsSpan(0, prefix - 1).Fill(TensorOps.IgnoreIndex);
        return new(tokens[..^1].ToArray(), targets, prefix);
    }
}
