using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Formats;

/// <summary>Writes safetensors files, atomically: a reader sees the old file or the new one.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors in the given order, their data aligned to 8 bytes where their types allow, and a checksum of each in the metadata.</summary>
    /// <param name="path">The file; replaced when it exists.</param>
    /// <param name="tensors">Names and values, views too; at most one view is copied at a time.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, next to <c>"format": "pt"</c>.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or is <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before is unchanged.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var all = tensors.ToArray();
        var names = new HashSet<string>();
        var dataLength = 0L;
        foreach (var (name, value) in all)
        {
            if (name == SafetensorsHeader.MetadataName || !names.Add(name)) throw new ArgumentException($"The name {name} is reserved or occurs twice.", nameof(tensors));
            dataLength += value.Count * value.DType.Size();
        }
        var header = Header(all, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var (_, value) in all)
            {
                using var scope = Memory.Scope();
                Pass(value.Detach().Contiguous(), stream.Write);
            }
        }, header.Length + dataLength);
    }

    private static byte[] Header((string Name, Tensor Value)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("        "u8);  // the length comes here
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataName);
            json.WriteString("format", "pt");
            foreach (var (key, text) in metadata ?? new Dictionary<string, string>())
                if (key is not ("format" or SafetensorsHeader.ChecksumsKey)) json.WriteString(key, text);
            json.WriteString(SafetensorsHeader.ChecksumsKey, string.Concat(tensors.Select(tensor => ChecksumOf(tensor.Value).ToString("x16", CultureInfo.InvariantCulture))));
            json.WriteEndObject();
            var offset = 0L;
            foreach (var (name, value) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsTypes.Of(value.DType).Name());
                json.WriteStartArray("shape");
                foreach (var size in value.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += value.Count * value.DType.Size());
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        var padding = (8 - buffer.WrittenCount % 8) % 8;
        buffer.GetSpan(8)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        var bytes = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        return bytes;
    }

    private static ulong ChecksumOf(Tensor value)
    {
        using var scope = Memory.Scope();
        var sum = new Checksum();
        Pass(value.Detach().Contiguous(), bytes => sum.Add(bytes));
        return sum.Value;
    }

    private delegate void BytesAction(ReadOnlySpan<byte> bytes);

    /// <summary>A contiguous tensor's bytes in pieces, each but the last a multiple of 32.</summary>
    private static void Pass(Tensor value, BytesAction action)
    {
        switch (value.DType)
        {
            case DType.Float32: Pass(value.Span<float>(), action); break;
            case DType.Float64: Pass(value.Span<double>(), action); break;
            case DType.BFloat16: Pass(value.Span<BFloat16>(), action); break;
            default: Pass(value.Span<int>(), action); break;
        }
    }

    private static void Pass<T>(Span<T> values, BytesAction action) where T : unmanaged
    {
        const int Chunk = 1 << 24;
        for (var at = 0; at < values.Length; at += Chunk) action(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(Chunk, values.Length - at))));
    }
}
