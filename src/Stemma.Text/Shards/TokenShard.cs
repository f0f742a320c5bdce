using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Text.Shards;

/// <summary>
/// The tokens of a corpus in a memory-mapped file. Reading takes constant memory whatever the length (document boundaries aside,
/// 8 bytes each) and may be done by several threads at once.
/// </summary>
public sealed class TokenShard : IDisposable
{
    private readonly ShardHeader header;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly long[] documentOffsets;

    private TokenShard(string path, ShardHeader header, MemoryMappedFile map)
    {
        Path = path;
        this.header = header;
        this.map = map;
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        documentOffsets = new long[header.DocumentCount];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The number of tokens.</summary>
    public long Length => header.TokenCount;

    /// <summary>The number of tokens in the vocabulary; every id is below it.</summary>
    public int VocabSize => header.VocabSize;

    /// <summary>The length of the text the tokens stand for, in UTF-8 bytes.</summary>
    public long TextByteCount => header.TextByteCount;

    /// <summary>The <c>Hash</c> of the tokenizer the tokens are from.</summary>
    public string TokenizerHash => header.TokenizerHash;

    /// <summary>Where each document starts, in tokens, ascending. A document ends where the next starts, or at <see cref="Length"/>.</summary>
    public ReadOnlySpan<long> DocumentOffsets => documentOffsets;

    /// <summary>What it holds, in numbers.</summary>
    public ShardSummary Summary => new(header.DocumentCount, header.TokenCount, header.TextByteCount);

    /// <summary>Opens a shard.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expectedTokenizerHash">The hash of the tokenizer it must belong to; null accepts any.</param>
    /// <param name="verify">Whether to compare the contents with their checksum, which reads the whole file. The header is always checked.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">The file is not a shard, is cut off or damaged, or belongs to another tokenizer.</exception>
    public static TokenShard Open(string path, string? expectedTokenizerHash = null, bool verify = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no token shard {path}.", path);
        ShardHeader header;
        using (var stream = File.OpenRead(path))
        {
            header = ShardHeader.Read(stream, path);
            if (expectedTokenizerHash is not null && header.TokenizerHash != expectedTokenizerHash)
            {
                throw new TextFormatException(
                    $"{path} was made with another tokenizer (hash {header.TokenizerHash}, expected {expectedTokenizerHash}). Make it again.");
            }

            if (verify && !SHA256.HashData(stream).AsSpan().SequenceEqual(header.PayloadHash))
                throw new TextFormatException($"{path} is damaged (the checksum of its contents differs). Make it again.");
        }

        var shard = new TokenShard(path, header, MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read));
        try
        {
            shard.ReadDocumentOffsets();
            return shard;
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    /// <summary>Reads <paramref name="destination"/>.Length tokens from <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the shard.</exception>
    /// <exception cref="TextFormatException">An id is not below <see cref="VocabSize"/>: the file is damaged.</exception>
    public void Read(long start, Span<int> destination)
    {
        if (start < 0 || start > Length - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"Tokens {start} to {start + destination.Length} are not inside the shard's {Length}.");
        var position = ShardHeader.Size + (start * header.TokenWidth);
        using var bytes = new MappedBytes(view.SafeMemoryMappedViewHandle, position, destination.Length * header.TokenWidth);
        var highest = 0u;
        if (header.TokenWidth == 2)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[(i * 2)..]);
                highest = Math.Max(highest, (uint)destination[i]);
            }
        }
        else
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[(i * 4)..]);
                highest = Math.Max(highest, (uint)destination[i]);
            }
        }

        if (highest >= VocabSize && destination.Length > 0)
            throw new TextFormatException($"{Path} is damaged: it holds token {highest}, outside its vocabulary of {VocabSize}. Make it again.");
    }

    /// <summary>Releases the file.</summary>
    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }

    private void ReadDocumentOffsets()
    {
        var previous = 0L;
        for (var document = 0; document < documentOffsets.Length; document++)
        {
            using var bytes = new MappedBytes(view.SafeMemoryMappedViewHandle, header.DocumentsPosition + (document * 8L), 8);
            var start = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span);
            if (start < previous || start > Length || (document == 0 && start != 0))
                throw new TextFormatException($"{Path} is damaged: document {document} starts at token {start}. Make it again.");
            documentOffsets[document] = previous = start;
        }
    }

    /// <summary>A stretch of the mapped file, held open while it is read so that disposing meanwhile cannot unmap it.</summary>
    private readonly unsafe ref struct MappedBytes
    {
        private readonly SafeMemoryMappedViewHandle handle;

        public MappedBytes(SafeMemoryMappedViewHandle handle, long offset, int length)
        {
            this.handle = handle;
            byte* start = null;
            handle.AcquirePointer(ref start);
            Span = new ReadOnlySpan<byte>(start + offset, length);
        }

        public ReadOnlySpan<byte> Span { get; }

        public void Dispose() => handle.ReleasePointer();
    }
}
