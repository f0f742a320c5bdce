using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Stemma.Text.Shards;

/// <summary>
/// The first 152 bytes of a shard, little-endian:
/// <code>
///   0  magic "STEMMATK"          40  documents           i64
///   8  version            u32    48  UTF-8 bytes of text i64
///  12  bytes a token, 2|4 u32    56  SHA-256 of the tokenizer
///  16  vocabulary size    i64    88  SHA-256 of all after the header
///  24  header size        i64   120  SHA-256 of bytes 0 … 119
///  32  tokens             i64
/// </code>
/// After it come the tokens, zeros up to a multiple of 8, and where each document starts (i64, in tokens).
/// </summary>
internal sealed record ShardHeader(int VocabSize, long TokenCount, long DocumentCount, long TextByteCount, string TokenizerHash, byte[] PayloadHash)
{
    public const int Size = 152;
    public const int Version = 1;
    private static ReadOnlySpan<byte> Magic => "STEMMATK"u8;

    public int TokenWidth => WidthFor(VocabSize);

    public long DocumentsPosition => (Size + (TokenCount * TokenWidth) + 7) & ~7L;

    public long FileLength => DocumentsPosition + (DocumentCount * sizeof(long));

    public static int WidthFor(int vocabSize) => vocabSize <= 65_536 ? 2 : 4;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), TokenWidth);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), VocabSize);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), TokenCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), DocumentCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), TextByteCount);
        Convert.FromHexString(TokenizerHash).CopyTo(bytes, 56);
        PayloadHash.CopyTo(bytes, 88);
        SHA256.HashData(bytes.AsSpan(0, 120), bytes.AsSpan(120));
        return bytes;
    }

    public static ShardHeader Read(Stream stream, string path)
    {
        var bytes = new byte[Size];
        var read = stream.ReadAtLeast(bytes, Size, throwOnEndOfStream: false);
        if (read < 8 || !bytes.AsSpan(0, 8).SequenceEqual(Magic)) throw new TextFormatException($"{path} is not a token shard.");
        if (read < Size) throw new TextFormatException($"{path} is cut off inside its header.");
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) is var version && version != Version)
            throw new TextFormatException($"{path} is a token shard of version {version}; this program reads version {Version}. Make it again.");
        if (!SHA256.HashData(bytes.AsSpan(0, 120)).AsSpan().SequenceEqual(bytes.AsSpan(120, 32)))
            throw new TextFormatException($"{path} has a damaged header (its checksum differs). Make it again.");
        var header = new ShardHeader(
            (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(48)),
            Convert.ToHexStringLower(bytes.AsSpan(56, 32)),
            bytes[88..120]);
        if (header.FileLength != stream.Length)
        {
            throw new TextFormatException(
                $"{path} holds {stream.Length} bytes where its header promises {header.FileLength}; it is cut off or damaged. Make it again.");
        }

        return header;
    }
}
