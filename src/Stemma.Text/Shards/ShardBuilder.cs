using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;

namespace Stemma.Text.Shards;

/// <summary>
/// Tokenizes documents into a shard on several threads. Long documents are divided at the tokenizer's cut points, short ones are
/// gathered, and results are written in the order of the documents: the file is the same whatever the number of threads. A fixed
/// number of batches is under way at once, so memory is bounded by these and the documents they are from.
/// </summary>
public sealed record ShardBuilder
{
    private const int BatchLength = 1 << 19;

    /// <summary>The tokenizer.</summary>
    public required Tokenizer Tokenizer { get; init; }

    /// <summary>Whether the tokenizer's <c>&lt;|endoftext|&gt;</c>, where it has one, ends each document.</summary>
    public bool EndDocuments { get; init; } = true;

    /// <summary>How many threads encode; at least 1.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Writes the shard; whole or not at all.</summary>
    /// <param name="path">Where the shard will be.</param>
    /// <param name="documents">The documents, enumerated once.</param>
    /// <param name="progress">Told what has been written, about every half million characters.</param>
    /// <param name="cancellation">Stops the work and leaves nothing behind.</param>
    /// <returns>What the shard holds.</returns>
    /// <exception cref="TextFormatException">A document cannot be encoded (the message names it), or there is no text.</exception>
    /// <exception cref="IOException">The shard cannot be written, for example because the disk is full; nothing of it stays.</exception>
    public ShardSummary Build(string path, IEnumerable<Document> documents, IProgress<ShardSummary>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadCount, 1);
        try
        {
            return Write(path, documents, progress, cancellation);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException($"{path} could not be written; nothing of it was kept: {error.Message}", error);
        }
    }

    private ShardSummary Write(string path, IEnumerable<Document> documents, IProgress<ShardSummary>? progress, CancellationToken cancellation)
    {
        using var writer = new ShardWriter(path, Tokenizer);
        var underWay = new Queue<Task<List<EncodedPiece>>>();
        foreach (var batch in Pieces(documents).GatherBy(piece => piece.End - piece.Start, BatchLength))
        {
            cancellation.ThrowIfCancellationRequested();
            underWay.Enqueue(Task.Run(() => batch.ConvertAll(Encode), cancellation));
            if (underWay.Count > ThreadCount) Write(underWay.Dequeue(), writer, progress);
        }

        while (underWay.TryDequeue(out var batch)) Write(batch, writer, progress);
        if (writer.TokenCount == 0) throw new TextFormatException($"There is no text to make {path} of.");
        writer.Complete();
        return writer.Summary;
    }

    private static void Write(Task<List<EncodedPiece>> batch, ShardWriter writer, IProgress<ShardSummary>? progress)
    {
        foreach (var piece in batch.GetAwaiter().GetResult())
        {
            if (piece.StartsDocument) writer.Append(piece.Tokens, piece.ByteCount);
            else writer.Extend(piece.Tokens, piece.ByteCount);
        }

        progress?.Report(writer.Summary);
    }

    private IEnumerable<Piece> Pieces(IEnumerable<Document> documents)
    {
        foreach (var document in documents)
        {
            var start = 0;
            do
            {
                var rest = document.Text.AsSpan(start);
                var cut = rest.Length > BatchLength ? Tokenizer.CutPoint(rest, BatchLength) : 0;
                var end = cut > 0 ? start + cut : document.Text.Length;
                yield return new Piece(document, start, end);
                start = end;
            }
            while (start < document.Text.Length);
        }
    }

    private EncodedPiece Encode(Piece piece)
    {
        var text = piece.Document.Text.AsSpan(piece.Start, piece.End - piece.Start);
        List<int> tokens = new((text.Length / 3) + 2);
        try
        {
            Tokenizer.Encode(text, piece.Start, tokens, allowSpecial: false);
        }
        catch (TextFormatException exception)
        {
            throw new TextFormatException($"{piece.Document.Name}: {exception.Message}", exception);
        }

        if (EndDocuments && piece.End == piece.Document.Text.Length && Tokenizer.EndOfText is { } end) tokens.Add(end);
        return new EncodedPiece([.. tokens], Encoding.UTF8.GetByteCount(text), piece.Start == 0);
    }

    private readonly record struct Piece(Document Document, int Start, int End);

    private readonly record struct EncodedPiece(int[] Tokens, int ByteCount, bool StartsDocument);
}
