using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Stemma.Numerics.Formats;

namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>word2vec's text format: a first line "words size", then a line a word: the word and its numbers, spaces between. GloVe's is the same without the first line.</summary>
public static class WordVectorText
{
    private const int LongestNumber = 64;

    private static readonly SearchValues<char> s_white = SearchValues.Create(" \t\r\n\v\f");

    /// <summary>Writes a file, whole or not at all. Numbers have as many digits as give the same bits again.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConfigurationException">A word holds white space, which the format cannot say.</exception>
    public static void Write(string path, WordVectors vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{vectors.Count} {vectors.Size}\n")));
            Span<byte> number = stackalloc byte[LongestNumber];
            for (var id = 0; id < vectors.Count; id++)
            {
                stream.Write(BytesOf(vectors.Words[id]));
                foreach (var value in vectors[id])
                {
                    stream.WriteByte((byte)' ');
                    value.TryFormat(number, out var length, "R", CultureInfo.InvariantCulture);
                    stream.Write(number[..length]);
                }
                stream.WriteByte((byte)'\n');
            }
        });
    }

    internal static byte[] BytesOf(string word) => word.Length > 0 && !word.AsSpan().ContainsAny(s_white)
        ? Encoding.UTF8.GetBytes(word)
        : throw new ConfigurationException($"The word \"{word}\" is empty or holds white space, which word2vec's formats cannot say.");

    internal static WordVectors Read(VectorStream reader, VectorHeader? header)
    {
        var numbers = new List<float>();
        var builder = header is null ? null : new VectorBuilder(reader, header.Size, header.Count);
        for (var line = header is null ? 1 : 2; !reader.IsAtEnd; line++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {line:N0}");
            var word = reader.Until((byte)' ', (byte)'\n', WordVectorFile.LongestWord, out var stopped);
            if (word is [] or [(byte)'\r'] && stopped == '\n')
            {
                if (reader.IsAtEnd) break;
                throw reader.Broken($"has an empty {place}");
            }
            numbers.Clear();
            if (word is not null && stopped == ' ') ReadNumbers(reader, numbers, place);
            if (numbers.Count == 0) throw reader.Broken($"has no numbers after the word in {place}; it is none of the formats");
            builder ??= new(reader, numbers.Count, 1);
            if (numbers.Count != builder.Size) throw reader.Broken($"has {numbers.Count:N0} numbers in {place}, where {builder.Size:N0} should be");
            if (builder.Count == header?.Count) throw reader.Broken($"goes on after its {header.Count:N0} words, in {place}; its first line is wrong");
            builder.Add(reader.Decode(word, place), CollectionsMarshal.AsSpan(numbers), place);
        }
        if (builder is null) throw reader.Broken("holds no words");
        if (builder.Count < header?.Count) throw reader.Broken($"says it holds {header.Count:N0} words and ends after {builder.Count:N0}; it was cut off");
        return builder.Build();
    }

    private static void ReadNumbers(VectorStream reader, List<float> numbers, string place)
    {
        for (var ended = false; !ended;)
        {
            var bytes = reader.Peek(LongestNumber);
            if (bytes.IsEmpty) return;
            var length = bytes.IndexOfAny((byte)' ', (byte)'\n');
            if (length < 0 && bytes.Length == LongestNumber) throw reader.Broken($"holds \"{Encoding.Latin1.GetString(bytes[..16])}…\" in {place}, which is no number");
            ended = length < 0 || bytes[length] == '\n';
            var number = (length < 0 ? bytes : bytes[..length]).TrimEnd((byte)'\r');
            if (number.Length > 0)
            {
                if (!Utf8Parser.TryParse(number, out float value, out var used) || used != number.Length)
                    throw reader.Broken($"holds \"{Encoding.Latin1.GetString(number)}\" in {place}, which is no number");
                if (numbers.Count == WordVectorFile.LargestSize) throw reader.Broken($"has more than {WordVectorFile.LargestSize:N0} numbers in {place}");
                numbers.Add(value);
            }
            reader.Skip(length < 0 ? bytes.Length : length + 1);
        }
    }
}
