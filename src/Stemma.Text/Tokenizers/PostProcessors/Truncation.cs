namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>Which text of a pair is cut.</summary>
public enum TruncationStrategy
{
    /// <summary>The longer one, and both when they are still too long.</summary>
    LongestFirst,

    /// <summary>The first.</summary>
    OnlyFirst,

    /// <summary>The second.</summary>
    OnlySecond,
}

/// <summary>How inputs that are too long are cut.</summary>
/// <param name="MaxLength">The most tokens, those a post-processor adds included.</param>
/// <param name="Stride">How many tokens the cut-off inputs share with the one before, 0 ≤ stride &lt; what is left of the text.</param>
/// <param name="Strategy">Which text of a pair is cut.</param>
/// <param name="FromLeft">Whether the beginning goes instead of the end.</param>
public sealed record Truncation(int MaxLength, int Stride = 0, TruncationStrategy Strategy = TruncationStrategy.LongestFirst, bool FromLeft = false)
{
    /// <summary>Cuts the parts in place so that together they have at most <paramref name="most"/> tokens; what was cut off, in windows.</summary>
    /// <exception cref="TextFormatException">The text that is to be cut is too short for that.</exception>
    internal List<List<List<EncodedToken>>> Cut(List<List<EncodedToken>> parts, int most)
    {
        var excess = parts.Sum(part => part.Count) - most;
        if (excess <= 0) return [];
        if (parts.Count == 2 && Strategy == TruncationStrategy.LongestFirst)
        {
            var (shorter, longer) = parts[0].Count <= parts[1].Count ? (0, 1) : (1, 0);
            var keepShorter = parts[shorter].Count;
            var keepLonger = Math.Max(keepShorter, most - keepShorter);
            if (keepShorter + keepLonger > most) (keepShorter, keepLonger) = (most / 2, most / 2 + most % 2);
            parts[shorter] = Windows(parts[shorter], keepShorter)[0];
            parts[longer] = Windows(parts[longer], keepLonger)[0];
            return [];
        }

        var cut = parts.Count == 2 && Strategy == TruncationStrategy.OnlySecond ? 1 : 0;
        if (parts[cut].Count < excess || (parts.Count == 2 && parts[cut].Count == excess))
            throw new TextFormatException($"The input has {excess} tokens too many for truncation to {MaxLength}, and the text that is to be cut has only {parts[cut].Count}.");
        var windows = Windows(parts[cut], parts[cut].Count - excess);
        parts[cut] = windows[0];
        var other = parts.Count == 2 ? parts[1 - cut] : null;
        return [.. windows.Skip(1).Select(window => other is null ? [window] : cut == 0 ? (List<List<EncodedToken>>)[window, other] : [other, window])];
    }

    private List<List<EncodedToken>> Windows(List<EncodedToken> part, int keep)
    {
        if (keep == 0) return [[], part];
        if (part.Count <= keep) return [part];
        if (Stride >= keep) throw new TextFormatException($"The stride of {Stride} tokens is not less than the {keep} tokens that truncation to {MaxLength} leaves.");
        List<List<EncodedToken>> windows = [];
        if (FromLeft)
        {
            for (var end = part.Count; ; end -= keep - Stride)
            {
                var start = Math.Max(0, end - keep);
                windows.Add(part[start..end]);
                if (start == 0) return windows;
            }
        }

        for (var start = 0; ; start += keep - Stride)
        {
            var end = Math.Min(part.Count, start + keep);
            windows.Add(part[start..end]);
            if (end == part.Count) return windows;
        }
    }
}
