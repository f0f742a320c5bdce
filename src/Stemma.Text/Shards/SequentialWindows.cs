namespace Stemma.Text.Shards;

/// <summary>
/// Divides a shard into overlapping windows for evaluation, such that every token but the first is scored exactly once. A stride
/// equal to the context length is the fastest; a shorter one gives each scored token at least context length − stride tokens of
/// context (the sliding window of perplexity evaluation).
/// </summary>
public static class SequentialWindows
{
    /// <summary>The windows, first to last.</summary>
    /// <param name="tokenCount">Tokens in the shard; fewer than 2 give no window.</param>
    /// <param name="contextLength">Tokens a model sees at once, ≥ 1.</param>
    /// <param name="stride">Tokens from one window's start to the next, 1 ≤ stride ≤ context length.</param>
    public static IEnumerable<SequentialWindow> Over(long tokenCount, int contextLength, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stride, contextLength);
        return Enumerate(tokenCount, contextLength, stride);
    }

    private static IEnumerable<SequentialWindow> Enumerate(long tokenCount, int contextLength, int stride)
    {
        var scoredTo = 1L;
        for (var start = 0L; scoredTo < tokenCount; start += stride)
        {
            var end = Math.Min(start + contextLength + 1, tokenCount);
            yield return new SequentialWindow(start, (int)(end - start), (int)(end - scoredTo));
            scoredTo = end;
        }
    }
}
