using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Stemma.Numerics.Formats;

namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>word2vec's binary format: a first line "words size", then for each word its bytes, a space, its numbers as little-endian float32, and the end of a line, which some leave out.</summary>
public static class WordVectorBinary
{
    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConfigurationException">A word holds white space, which the format cannot say.</exception>
    public static void Write(string path, WordVectors vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{vectors.Count} {vectors.Size}\n")));
            var bytes = new byte[vectors.Size * sizeof(float)];
            for (var id = 0; id < vectors.Count; id++)
            {
                stream.Write(WordVectorText.BytesOf(vectors.Words[id]));
                stream.WriteByte((byte)' ');
                if (BitConverter.IsLittleEndian) MemoryMarshal.AsBytes(vectors[id]).CopyTo(bytes);
                else for (var i = 0; i < vectors.Size; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vectors[id][i]);
                stream.Write(bytes);
                stream.WriteByte((byte)'\n');
            }
        });
    }

    internal static WordVectors Read(VectorStream reader, VectorHeader header)
    {
        var builder = new VectorBuilder(reader, header.Size, header.Count);
        var bytes = new byte[header.Size * sizeof(float)];
        var vector = new float[header.Size];
        for (var i = 0; i < header.Count; i++)
        {
            while (reader.Peek(1) is [(byte)'\n']) reader.Skip(1);
            var what = string.Create(CultureInfo.InvariantCulture, $"word {i + 1:N0} of {header.Count:N0}");
            if (reader.IsAtEnd) throw reader.Broken(string.Create(CultureInfo.InvariantCulture, $"says it holds {header.Count:N0} words and ends after {i:N0}; it was cut off"));
            var word = reader.Until((byte)' ', (byte)' ', WordVectorFile.LongestWord, out _) ?? throw reader.Broken($"holds no word where {what} should begin, at byte {reader.Position:N0}; it was cut off, or is none of the formats");
            reader.ReadExactly(bytes, what);
            for (var k = 0; k < vector.Length; k++) vector[k] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(k * sizeof(float)));
            builder.Add(reader.Decode(word, what), vector, what);
        }
        while (reader.Peek(1) is [(byte)'\n']) reader.Skip(1);
        if (!reader.IsAtEnd) throw reader.Broken($"goes on after its {header.Count:N0} words, at byte {reader.Position:N0}; its first line is wrong");
        return builder.Build();
    }
}
