namespace Stemma.Text.Shards;

/// <summary>
/// Where documents begin inside windows of a shard, so that what is packed side by side can be kept apart. Where a token ends each
/// document, that token also begins the next one: it is the first that the next document sees.
/// </summary>
/// <param name="shard">The documents, end to end.</param>
/// <param name="hasEnds">Whether a token ends each document.</param>
public sealed class DocumentRows(TokenShard shard, bool hasEnds)
{
    /// <summary>Whether a token ends each document.</summary>
    public bool HasEnds => hasEnds;

    /// <summary>The places in a window where a sequence begins: 0, and each later document's first token, or the end before it.</summary>
    /// <param name="start">The window's first token.</param>
    /// <param name="length">Its tokens.</param>
    public IEnumerable<int> Begins(long start, int length)
    {
        yield return 0;
        var (shift, last) = (hasEnds ? 1 : 0, 0L);
        var at = MemoryExtensions.BinarySearch(shard.DocumentOffsets, start + shift + 1);
        for (var document = at >= 0 ? at : ~at; ; document++)
        {
            if (document >= shard.DocumentOffsets.Length) yield break;
            var begin = shard.DocumentOffsets[document] - shift - start;
            if (begin >= length) yield break;
            if (begin > last) yield return (int)(last = begin);
        }
    }
}
