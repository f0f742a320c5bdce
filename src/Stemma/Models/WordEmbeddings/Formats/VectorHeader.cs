using System.Buffers.Text;

namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>The first line of word2vec's formats.</summary>
/// <param name="Count">Words.</param>
/// <param name="Size">Numbers of a vector.</param>
/// <param name="IsBinary">Whether the numbers are bytes.</param>
internal sealed record VectorHeader(int Count, int Size, bool IsBinary)
{
    private const int LongestLine = 64;

    /// <summary>Reads the line; null, with nothing read, where there is none, as in GloVe's files.</summary>
    public static VectorHeader? Read(VectorStream reader)
    {
        var start = reader.Peek(LongestLine);
        var end = start.IndexOf((byte)'\n');
        if (end < 0) return null;
        var line = start[..end].TrimEnd(" \r\t"u8);
        if (!Utf8Parser.TryParse(line, out long count, out var used) || used == line.Length || line[used] != ' ') return null;
        if (!Utf8Parser.TryParse(line[(used + 1)..], out long size, out var rest) || used + 1 + rest != line.Length) return null;
        // A word that is a number, before a vector of one number that is whole, looks alike; the second line of such a file has two fields too.
        if (count < 1 || size < 1) throw reader.Broken($"says it holds {count} words of {size} numbers");
        if (size > WordVectorFile.LargestSize) throw reader.Broken($"says its vectors have {size:N0} numbers; at most {WordVectorFile.LargestSize:N0} can be read");
        reader.Skip(end + 1);
        var isBinary = IsBinaryNext(reader.Peek(1 << 15));
        // The least a word takes: a letter, a space and its numbers (a digit and a space, or four bytes). So no broken header asks for more memory than the file is large.
        var least = isBinary ? 2 + (4 * size) : 2 + (2 * size) - 1;
        if (count > (reader.Length - reader.Position + 1) / least)
            throw reader.Broken($"says it holds {count:N0} words of {size:N0} numbers, for which its {reader.Length:N0} bytes are too few; it was cut off, or is none of the formats");
        if (count * size > WordVectors.MostNumbers) throw reader.Broken($"holds {count:N0} words of {size:N0} numbers; at most {WordVectors.MostNumbers:N0} numbers can be read");
        return new((int)count, (int)size, isBinary);
    }

    /// <summary>Whether what follows the first word on its line holds bytes that no text of numbers has.</summary>
    private static bool IsBinaryNext(ReadOnlySpan<byte> bytes)
    {
        var space = bytes.IndexOf((byte)' ');
        if (space < 0) return false;
        var numbers = bytes[(space + 1)..];
        var end = numbers.IndexOf((byte)'\n');
        numbers = numbers[..Math.Min(end < 0 ? numbers.Length : end, 64)];
        if (numbers.IsEmpty) return true;
        foreach (var letter in numbers)
            if (letter is not ((>= 0x20 and < 0x7F) or (byte)'\t' or (byte)'\r')) return true;
        return false;
    }
}
