using Stemma.Text.Tokenizers;

namespace Stemma.Text.Shards;

/// <summary>Several shards as one, in constant memory.</summary>
public static class ShardJoiner
{
    private const int Piece = 1 << 16;

    /// <summary>Writes the documents of the shards one after another; whole or not at all.</summary>
    /// <param name="path">Where the shard will be.</param>
    /// <param name="shards">The shards, in order.</param>
    /// <param name="tokenizer">The tokenizer they all are from.</param>
    /// <param name="cancellation">Stops the work and leaves nothing behind.</param>
    /// <exception cref="TextFormatException">One is damaged or from another tokenizer, or there are no tokens.</exception>
    public static ShardSummary Join(string path, IReadOnlyList<string> shards, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(tokenizer);
        using var writer = new ShardWriter(path, tokenizer);
        var buffer = new int[Piece];
        foreach (var name in shards)
        {
            using var shard = TokenShard.Open(name, tokenizer.Hash);
            var starts = shard.DocumentOffsets;
            for (var document = 0; document < starts.Length; document++)
            {
                cancellation.ThrowIfCancellationRequested();
                var end = document + 1 < starts.Length ? starts[document + 1] : shard.Length;
                // How many bytes each document has is not known any more, only how many all have.
                var bytes = document == 0 ? shard.TextByteCount : 0;
                if (starts[document] == end) writer.Append([], bytes);
                for (var at = starts[document]; at < end; at += Piece)
                {
                    var piece = buffer.AsSpan(0, (int)Math.Min(Piece, end - at));
                    shard.Read(at, piece);
                    if (at == starts[document]) writer.Append(piece, bytes);
                    else writer.Extend(piece, 0);
                }
            }
        }

        if (writer.TokenCount == 0) throw new TextFormatException($"There are no tokens to make {path} of.");
        writer.Complete();
        return writer.Summary;
    }
}
