using System.Buffers.Binary;
using System.Security.Cryptography;
using Stemma.Text.Tokenizers;

namespace Stemma.Text.Shards;

/// <summary>
/// Writes a token shard document by document. The file appears under its name when <see cref="Complete"/> has flushed it to the
/// disk; disposing before that leaves nothing behind.
/// </summary>
public sealed class ShardWriter : IDisposable
{
    private readonly AtomicFile file;
    private readonly IncrementalHash payload = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<long> documentStarts = [];
    private readonly int vocabSize;
    private readonly string tokenizerHash;
    private readonly byte[] buffer = new byte[1 << 16];
    private long textBytes;

    /// <summary>Starts a shard.</summary>
    /// <param name="path">Where the shard will be.</param>
    /// <param name="tokenizer">The tokenizer its tokens are from; a vocabulary of up to 65,536 takes 2 bytes a token, a larger one 4.</param>
    public ShardWriter(string path, Tokenizer tokenizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tokenizer);
        (vocabSize, tokenizerHash) = (tokenizer.VocabSize, tokenizer.Hash);
        file = new AtomicFile(path);
        file.Stream.Write(new byte[ShardHeader.Size]);
    }

    /// <summary>Tokens written so far.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Documents written so far.</summary>
    public long DocumentCount => documentStarts.Count;

    /// <summary>What has been written so far.</summary>
    public ShardSummary Summary => new(DocumentCount, TokenCount, textBytes);

    /// <summary>Appends one document.</summary>
    /// <param name="tokens">Its tokens, an end-of-document token included if there is to be one.</param>
    /// <param name="textByteCount">The length of its text in UTF-8 bytes, ≥ 0: what bits per byte are measured against.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public void Append(ReadOnlySpan<int> tokens, long textByteCount)
    {
        Check(tokens, textByteCount);
        documentStarts.Add(TokenCount);
        Write(tokens, textByteCount);
    }

    /// <summary>Appends to the latest document, for documents that come in parts.</summary>
    /// <inheritdoc cref="Append"/>
    /// <exception cref="InvalidOperationException">There is no document yet.</exception>
    public void Extend(ReadOnlySpan<int> tokens, long textByteCount)
    {
        Check(tokens, textByteCount);
        if (documentStarts.Count == 0) throw new InvalidOperationException("There is no document to extend; append one first.");
        Write(tokens, textByteCount);
    }

    /// <summary>Writes what stands at the end and the header, flushes to the disk and gives the file its name.</summary>
    public void Complete()
    {
        var padding = (int)(-file.Stream.Position & 7);
        Write(new byte[padding]);
        Span<byte> start = stackalloc byte[8];
        foreach (var position in documentStarts)
        {
            BinaryPrimitives.WriteInt64LittleEndian(start, position);
            Write(start);
        }

        var header = new ShardHeader(vocabSize, TokenCount, DocumentCount, textBytes, tokenizerHash, payload.GetHashAndReset());
        file.Stream.Position = 0;
        file.Stream.Write(header.ToBytes());
        file.Commit();
    }

    /// <summary>Removes the unfinished file, if <see cref="Complete"/> was not called.</summary>
    public void Dispose()
    {
        file.Dispose();
        payload.Dispose();
    }

    private void Check(ReadOnlySpan<int> tokens, long textByteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(textByteCount);
        foreach (var token in tokens)
            if ((uint)token >= (uint)vocabSize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"Token {token} is outside the vocabulary of {vocabSize} tokens.");
    }

    private void Write(ReadOnlySpan<int> tokens, long textByteCount)
    {
        TokenCount += tokens.Length;
        textBytes += textByteCount;
        var width = ShardHeader.WidthFor(vocabSize);
        while (!tokens.IsEmpty)
        {
            var count = Math.Min(tokens.Length, buffer.Length / width);
            for (var i = 0; i < count; i++)
                if (width == 2) BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(i * 2), (ushort)tokens[i]);
                else BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(i * 4), tokens[i]);
            Write(buffer.AsSpan(0, count * width));
            tokens = tokens[count..];
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        payload.AppendData(bytes);
        file.Stream.Write(bytes);
    }
}
