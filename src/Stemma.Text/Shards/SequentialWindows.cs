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

    /// <summary>
    /// As <see cref="Over(long, int, int)"/>, but no window holds tokens of two documents: each document is a text of its own. Where a token ends each document,
    /// that token is the first that the next document sees, so that still every token but the very first is scored; elsewhere each document's first is not.
    /// </summary>
    /// <param name="starts">Where each document begins, ascending; the last ends where the tokens do.</param>
    /// <param name="hasEnds">Whether a token ends each document.</param>
    /// <param name="tokenCount">Tokens of all documents; documents that begin beyond are left out.</param>
    /// <param name="contextLength">See the other form.</param>
    /// <param name="stride">See the other form.</param>
    public static IEnumerable<SequentialWindow> Apart(IReadOnlyList<long> starts, bool hasEnds, long tokenCount, int contextLength, int stride)
    {
        ArgumentNullException.ThrowIfNull(starts);
        for (var document = 0; document < starts.Count && starts[document] < tokenCount; document++)
        {
            var begin = document > 0 && hasEnds ? starts[document] - 1 : starts[document];
            var end = document + 1 < starts.Count ? Math.Min(tokenCount, starts[document + 1]) : tokenCount;
            foreach (var window in Over(end - begin, contextLength, stride)) yield return window with { Start = begin + window.Start };
        }
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
