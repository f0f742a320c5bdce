using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Numerics.Formats;

/// <summary>
/// The front of a safetensors file: 8 bytes with the length of a JSON object, the object, then the data. Everything in it is
/// checked before anything is believed.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The most bytes a header may have, as in the format's own implementation.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>The name that holds strings instead of a tensor.</summary>
    public const string MetadataName = "__metadata__";

    /// <summary>The string under <see cref="MetadataName"/> in which our files keep a checksum for each tensor, 16 hexadecimal digits each, in the header's order.</summary>
    public const string ChecksumsKey = "stemma.checksums";

    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    /// <summary>Where the data begins, in bytes from the start of the file.</summary>
    public long DataStart { get; private set; }

    public List<SafetensorsTensor> Tensors { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    /// <exception cref="CheckpointFormatException">Anything that the format does not allow.</exception>
    public static SafetensorsHeader Read(SafeFileHandle file, string path)
    {
        var header = new SafetensorsHeader(path);
        var fileLength = RandomAccess.GetLength(file);
        Span<byte> prefix = stackalloc byte[8];
        if (fileLength < 8 || RandomAccess.Read(file, prefix, 0) != 8) throw header.Error($"is not a safetensors file: it has {fileLength} bytes and no header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength) throw header.Error($"is not a safetensors file: its first 8 bytes announce a header of {length} bytes, and {MaxLength} is the most there can be");
        if ((long)length > fileLength - 8) throw header.Error($"is cut short: its header has {length} bytes, the file only {fileLength}; copy or download it again");
        var json = new byte[length];
        for (var read = 0; read < json.Length;)
        {
            var count = RandomAccess.Read(file, json.AsSpan(read), 8 + read);
            read += count > 0 ? count : throw header.Error("ended while its header was read");
        }
        header.DataStart = 8 + (long)length;
        header.Parse(json);
        header.CheckCoverage(fileLength - header.DataStart);
        return header;
    }

    private CheckpointFormatException Error(string what, Exception? cause = null) => new($"{_path} {what}.", cause!);

    private CheckpointFormatException Error(string tensor, string what) => new($"{_path}: tensor {Shown(tensor)} {what}.");

    private void Parse(byte[] json)
    {
        if (json.Length == 0 || json[0] != '{') throw Error("is not a safetensors file: its header is not a JSON object");
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 8 });
            var names = new HashSet<string>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name)) throw Error(property.Name, "is listed twice");
                if (property.Name == MetadataName) ParseMetadata(property.Value);
                else Tensors.Add(ParseTensor(property.Name, property.Value));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string whose escapes are half of a character.
            throw Error($"has a header that is not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private void ParseMetadata(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Error($"has {MetadataName} that is not an object of strings");
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String) throw Error($"has {MetadataName} whose {Shown(property.Name)} is not a string");
            if (!Metadata.TryAdd(property.Name, property.Value.GetString()!)) throw Error($"has {MetadataName} that holds {Shown(property.Name)} twice");
        }
    }

    private SafetensorsTensor ParseTensor(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Error(name, "is not described by an object");
        JsonElement? dtype = null, shape = null, offsets = null;
        foreach (var property in element.EnumerateObject())
        {
            ref var field = ref dtype;
            if (property.NameEquals("shape")) field = ref shape;
            else if (property.NameEquals("data_offsets")) field = ref offsets;
            else if (!property.NameEquals("dtype")) throw Error(name, $"has a field {Shown(property.Name)}; the fields are dtype, shape and data_offsets");
            if (field is not null) throw Error(name, $"has its {property.Name} twice");
            field = property.Value;
        }
        var type = ParseType(name, dtype ?? throw Error(name, "has no dtype"));
        var sizes = ParseShape(name, shape ?? throw Error(name, "has no shape"));
        var (begin, end) = ParseOffsets(name, offsets ?? throw Error(name, "has no data_offsets"));
        long expected;
        try
        {
            expected = checked(sizes.Count * type.Size());
        }
        catch (OverflowException)
        {
            throw Error(name, $"has shape {sizes}, which is more than a file can hold");
        }
        if (end - begin != expected) throw Error(name, $"is {type.Name()}{sizes}, {expected} bytes, but its data_offsets [{begin}, {end}] hold {end - begin}");
        return new(name, type, sizes, begin, expected);
    }

    private SafetensorsType ParseType(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) throw Error(name, "has a dtype that is not a string");
        var text = element.GetString()!;
        foreach (var type in Enum.GetValues<SafetensorsType>())
            if (type.Name() == text) return type;
        throw Error(name, $"has the unknown dtype {Shown(text)}; known are {string.Join(", ", Enum.GetValues<SafetensorsType>().Select(SafetensorsTypes.Name))}");
    }

    private Shape ParseShape(string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array) throw Error(name, "has a shape that is not an array");
        var rank = element.GetArrayLength();
        if (rank > Shape.MaxRank) throw Error(name, $"has {rank} axes; {Shape.MaxRank} is the most that can be read");
        Span<int> sizes = stackalloc int[rank];
        for (var i = 0; i < rank; i++)
            if (element[i].ValueKind != JsonValueKind.Number || !element[i].TryGetInt32(out sizes[i]) || sizes[i] < 0)
                throw Error(name, $"has {Shown(element[i].GetRawText())} for the size of axis {i}; sizes are whole numbers from 0 to {int.MaxValue}");
        try
        {
            return Shape.Create(sizes);
        }
        catch (OverflowException)
        {
            throw Error(name, $"has shape [{string.Join(", ", sizes.ToArray())}], which is more than a file can hold");
        }
    }

    private (long Begin, long End) ParseOffsets(string name, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 2
            && element[0].ValueKind == JsonValueKind.Number && element[0].TryGetInt64(out var begin)
            && element[1].ValueKind == JsonValueKind.Number && element[1].TryGetInt64(out var end)
            && begin >= 0 && end >= begin) return (begin, end);
        throw Error(name, $"has data_offsets {Shown(element.GetRawText())}; they are two whole numbers, the second not below the first");
    }

    /// <summary>The tensors must cover the data exactly: no byte twice, none left over.</summary>
    private void CheckCoverage(long dataLength)
    {
        var end = 0L;
        SafetensorsTensor? previous = null;
        foreach (var tensor in Tensors.OrderBy(t => t.Offset).ThenBy(t => t.ByteLength))
        {
            if (tensor.ByteLength > dataLength - tensor.Offset)
                throw Error(tensor.Name, $"reaches to byte {tensor.Offset + tensor.ByteLength} of the data, but the file has only {dataLength}: it is cut short or damaged; copy or download it again");
            if (tensor.Offset < end) throw Error(tensor.Name, $"overlaps tensor {Shown(previous!.Name)} in the data");
            if (tensor.Offset > end) throw Error(tensor.Name, $"begins at byte {tensor.Offset} of the data, but the bytes from {end} on belong to no tensor");
            (end, previous) = (tensor.Offset + tensor.ByteLength, tensor);
        }
        if (end != dataLength) throw Error($"has {dataLength - end} bytes at its end that belong to no tensor");
    }

    /// <summary>A name from a hostile file, fit for one line of a message.</summary>
    private static string Shown(string text)
    {
        var printable = string.Concat(text.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        return text.Length > 200 ? printable + "…" : printable;
    }
}
