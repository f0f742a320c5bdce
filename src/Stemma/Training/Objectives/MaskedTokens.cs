using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Objectives;

/// <summary>
/// Hides some tokens, which are to be predicted from the rest: most become the mask, some another token, some stay. Devlin et al. 2018,
/// arXiv:1810.04805, appendix A.1. Drawn anew for each position of the stream, the masking is dynamic (Liu et al. 2019, arXiv:1907.11692,
/// section 4.1); drawn from the same position, static.
/// </summary>
public sealed record MaskedTokens
{
    /// <summary>The mask's id.</summary>
    public required int Mask { get; init; }

    /// <summary>Tokens that another one is drawn from, 0 ≤ id &lt; this.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Ids that are never hidden and never drawn: begin, end, separator, padding, the mask.</summary>
    public IReadOnlySet<int> Special { get; init; } = new HashSet<int>();

    /// <summary>Which tokens begin a word: where given, words are hidden whole (Cui et al. 2019, arXiv:1906.08101).</summary>
    public Func<int, bool>? BeginsWord { get; init; }

    /// <summary>The share of tokens to predict, 0 to 1.</summary>
    public double Share { get; init; } = 0.15;

    /// <summary>Of these, the share that becomes the mask.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Of these, the share that becomes another token; the rest stays.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(VocabSize, "objective.vocab_size");
        if (!(Share is > 0 and <= 1)) throw new ConfigurationException($"objective.share is {Share}; it is a share above 0 and at most 1.");
        if (!(MaskShare >= 0 && RandomShare >= 0 && MaskShare + RandomShare <= 1)) throw new ConfigurationException($"objective.mask_share {MaskShare} and objective.random_share {RandomShare} are shares of the same tokens: not negative, at most 1 together.");
        if (Special.Count >= VocabSize) throw new ConfigurationException("objective.special holds every token; there is none to draw.");
    }

    /// <summary>Hides tokens of a text.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="random">A stream of its own for each text and time.</param>
    /// <returns>What the model reads, and what it is to predict: <see cref="TensorOps.IgnoreIndex"/> where nothing. At least one token is hidden where there is one.</returns>
    public (int[] Inputs, int[] Targets) Apply(ReadOnlySpan<int> tokens, RandomStream random)
    {
        var units = Units(tokens);
        var (inputs, targets) = (tokens.ToArray(), new int[tokens.Length]);
        Array.Fill(targets, TensorOps.IgnoreIndex);
        var (whether, how, which) = (random.Fork("whether"), random.Fork("how"), random.Fork("which"));
        var chosen = units.Where((unit, i) => whether.Uniform((ulong)i) < Share).ToList();
        if (chosen.Count == 0 && units.Count > 0) chosen.Add(units[(int)whether.Below(units.Count, ulong.MaxValue)]);
        foreach (var unit in chosen)
        {
            // A word is treated as one: all of it masked, drawn or kept.
            var draw = how.Uniform((ulong)unit[0]);
            foreach (var place in unit)
            {
                targets[place] = tokens[place];
                if (draw < MaskShare) inputs[place] = Mask;
                else if (draw < MaskShare + RandomShare) inputs[place] = Other(which, place);
            }
        }
        return (inputs, targets);
    }

    private List<int[]> Units(ReadOnlySpan<int> tokens)
    {
        var units = new List<int[]>();
        for (var i = 0; i < tokens.Length; i++)
        {
            if (Special.Contains(tokens[i])) continue;
            var continues = BeginsWord is not null && i > 0 && !BeginsWord(tokens[i]) && !Special.Contains(tokens[i - 1]);
            if (continues) units[^1] = [.. units[^1], i];
            else units.Add([i]);
        }
        return units;
    }

    private int Other(RandomStream which, int place)
    {
        for (var attempt = 0ul; ; attempt++)
        {
            var token = (int)which.Below(VocabSize, (ulong)place << 20 | attempt);
            if (!Special.Contains(token)) return token;
        }
    }
}
