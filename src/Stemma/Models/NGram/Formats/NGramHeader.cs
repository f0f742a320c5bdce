using System.Buffers.Binary;

namespace Stemma.Models.NGram;

/// <summary>
/// The start of a binary model, and from it where everything lies. Little-endian:
/// <code>
/// "STMNGRAM" | version | order | tokens | begin | end | unknown | flags | 0 | checksum (8) | bytes of spellings (8)
/// for each order: n-grams (8), places (8)
/// at multiples of 64: ends of the spellings (4 each), spellings | unigrams: probability, back-off (4 each)
/// middle orders, each place: first word, place of the rest, probability, back-off | the highest: the same without back-off
/// </code>
/// A free place has the word -1. A place is found by <see cref="NGramLocation"/>, then one after another.
/// </summary>
internal sealed class NGramHeader
{
    public const int FixedBytes = 56;
    public const int ChecksumOffset = 40;
    public const int MostOrders = NGramKey.Bits;
    public const int MiddleBytes = 16;
    public const int HighestBytes = 12;

    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "STMNGRAM"u8;

    public required int VocabSize { get; init; }

    public required int Begin { get; init; }

    public required int End { get; init; }

    public required int Unknown { get; init; }

    public required bool IsNormalized { get; init; }

    public required long SpellingBytes { get; init; }

    /// <summary>By order less one.</summary>
    public required long[] Counts { get; init; }

    /// <summary>By order less one: places of the table.</summary>
    public required long[] Slots { get; init; }

    public int Order => Counts.Length;

    public int Bytes => Align(FixedBytes + (16 * Order));

    public long SpellingEnds => Bytes;

    public long Spellings => SpellingEnds + (4L * VocabSize);

    public long Unigrams => Align(Spellings + SpellingBytes);

    public long FileBytes => Table(Order + 1);

    /// <summary>Where an order's table lies.</summary>
    public long Table(int order)
    {
        var start = Unigrams;
        for (var lower = 1; lower < order; lower++) start = Align(start + (Slots[lower - 1] * EntryBytes(lower)));
        return start;
    }

    /// <summary>Half as many places again as n-grams: few are looked at in vain.</summary>
    public static long SlotsFor(long count) => count + (count / 2) + 1;

    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        Magic.CopyTo(target);
        ReadOnlySpan<int> numbers = [Version, Order, VocabSize, Begin, End, Unknown, IsNormalized ? 1 : 0];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(8 + (4 * i))..], numbers[i]);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], SpellingBytes);
        for (var i = 0; i < Order; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target[(FixedBytes + (16 * i))..], Counts[i]);
            BinaryPrimitives.WriteInt64LittleEndian(target[(FixedBytes + (16 * i) + 8)..], Slots[i]);
        }
    }

    /// <summary>Reads and checks a header; every place that it leads to is inside the file.</summary>
    /// <exception cref="CheckpointException">It is not one, or says other than the file's length does.</exception>
    public static NGramHeader Read(ReadOnlySpan<byte> bytes, long fileBytes, string path)
    {
        if (bytes.Length < FixedBytes || !bytes.StartsWith(Magic)) throw new CheckpointException($"{path} is not a binary n-gram model.");
        int Number(ReadOnlySpan<byte> source, int index) => BinaryPrimitives.ReadInt32LittleEndian(source[(8 + (4 * index))..]);
        if (Number(bytes, 0) != Version) throw new CheckpointException($"{path} is a binary n-gram model of version {Number(bytes, 0)}; this program reads version {Version}. Make it again from its ARPA file or text.");
        var order = Number(bytes, 1);
        if (order is < 1 or > MostOrders || bytes.Length < FixedBytes + (16 * order)) throw Damaged(path, $"its order is {order}");
        var (counts, slots) = (new long[order], new long[order]);
        for (var i = 0; i < order; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(FixedBytes + (16 * i))..]);
            slots[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(FixedBytes + (16 * i) + 8)..]);
            if (slots[i] > fileBytes / 8 || slots[i] > uint.MaxValue || counts[i] < 0 || (i == 0 ? counts[i] != slots[i] : counts[i] >= slots[i])) throw Damaged(path, $"the table of {i + 1}-grams has {slots[i]} places for {counts[i]}");
        }
        var header = new NGramHeader
        {
            VocabSize = Number(bytes, 2),
            Begin = Number(bytes, 3),
            End = Number(bytes, 4),
            Unknown = Number(bytes, 5),
            IsNormalized = Number(bytes, 6) == 1,
            SpellingBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            Counts = counts,
            Slots = slots,
        };
        if (header.VocabSize < 1 || header.VocabSize != slots[0] || header.SpellingBytes < 0 || header.SpellingBytes > Math.Min(fileBytes, int.MaxValue)) throw Damaged(path, $"it has {header.VocabSize} tokens in {header.SpellingBytes} bytes");
        foreach (var id in (int[])[header.Begin, header.End, header.Unknown])
            if (id < -1 || id >= header.VocabSize) throw Damaged(path, $"a special token has the id {id}");
        if (header.FileBytes != fileBytes) throw Damaged(path, $"it holds {fileBytes} bytes instead of {header.FileBytes}");
        return header;
    }

    public static CheckpointException Damaged(string path, string what) => new($"{path} is damaged or cut off: {what}. Make it again.");

    private int EntryBytes(int order) => order == 1 ? 8 : order < Order ? MiddleBytes : HighestBytes;

    private static int Align(int position) => (position + 63) & ~63;

    private static long Align(long position) => (position + 63) & ~63L;
}
