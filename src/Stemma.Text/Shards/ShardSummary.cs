namespace Stemma.Text.Shards;

/// <summary>What a shard holds, or holds so far.</summary>
/// <param name="DocumentCount">Documents.</param>
/// <param name="TokenCount">Tokens, end-of-document tokens included.</param>
/// <param name="TextByteCount">Their text in UTF-8 bytes.</param>
public readonly record struct ShardSummary(long DocumentCount, long TokenCount, long TextByteCount)
{
    /// <summary>UTF-8 bytes of text per token.</summary>
    public double BytesPerToken => (double)TextByteCount / TokenCount;
}
