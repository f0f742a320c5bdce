using Stemma.Numerics;

namespace Stemma.Training.Objectives;

/// <summary>
/// Moves the middle of some texts to their end, so that a model from left to right learns to fill it in. Bavarian et al. 2022,
/// arXiv:2207.14255, section 3: prefix–suffix–middle, or suffix–prefix–middle in the form that shares the same sentinels.
/// </summary>
public sealed record FillInTheMiddle
{
    /// <summary>Stands before the prefix.</summary>
    public required int Prefix { get; init; }

    /// <summary>Stands before the suffix.</summary>
    public required int Suffix { get; init; }

    /// <summary>Stands before the middle.</summary>
    public required int Middle { get; init; }

    /// <summary>The share of texts whose middle is moved.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Of these, the share in the order suffix–prefix–middle.</summary>
    public double SuffixFirstShare { get; init; } = 0.5;

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        if (!(Share is >= 0 and <= 1)) throw new ConfigurationException($"objective.share is {Share}; it is a share from 0 to 1.");
        if (!(SuffixFirstShare is >= 0 and <= 1)) throw new ConfigurationException($"objective.suffix_first_share is {SuffixFirstShare}; it is a share from 0 to 1.");
        if (Prefix == Suffix || Suffix == Middle || Prefix == Middle) throw new ConfigurationException("objective.prefix, objective.suffix and objective.middle must be three tokens.");
    }

    /// <summary>A text as the model reads it.</summary>
    /// <param name="tokens">Without the three sentinels.</param>
    /// <param name="random">A stream of its own for each text and time.</param>
    public int[] Apply(ReadOnlySpan<int> tokens, RandomStream random)
    {
        if (random.Uniform(0) >= Share) return tokens.ToArray();
        // Two cuts, uniform and in order, parts may be empty.
        var (a, b) = ((int)random.Below(tokens.Length + 1, 1), (int)random.Below(tokens.Length + 1, 2));
        var (start, end) = (Math.Min(a, b), Math.Max(a, b));
        ReadOnlySpan<int> prefix = tokens[..start], middle = tokens[start..end], suffix = tokens[end..];
        return random.Uniform(3) < SuffixFirstShare
            ? [Prefix, Suffix, .. suffix, Middle, .. prefix, .. middle]
            : [Prefix, .. prefix, Suffix, .. suffix, Middle, .. middle];
    }
}
