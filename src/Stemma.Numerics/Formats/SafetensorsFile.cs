using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Numerics.Formats;

/// <summary>
/// A safetensors file (Hugging Face's format for weights), open for reading. Opening checks the whole header; the data of a
/// tensor is read when it is asked for, from any thread, and compared with its checksum where the file has them (ours do).
/// </summary>
/// <example><code>
/// using var file = SafetensorsFile.Open("model.safetensors");
/// foreach (var tensor in file.Tensors) Console.WriteLine($"{tensor.Name} {tensor.Type}{tensor.Shape}");
/// file.Read("transformer.wte.weight", values);
/// </code></example>
public sealed class SafetensorsFile : IDisposable
{
    private const int ChunkBytes = 1 << 16;

    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsTensor> _byName;
    private readonly Dictionary<string, ulong> _checksums;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        (Path, _handle, _header) = (path, handle, header);
        _byName = header.Tensors.ToDictionary(t => t.Name);
        _checksums = Checksums(header);
    }

    /// <summary>The file, as it was given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors in the header's order.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointFormatException">There is no such file, it cannot be read, or its header breaks the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointFormatException($"{path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path} cannot be read: {e.Message}", e);
        }
        try
        {
            return new(path, handle, SafetensorsHeader.Read(handle, path));
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (e is IOException) throw new CheckpointFormatException($"{path} cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>What the header says of a tensor.</summary>
    /// <exception cref="CheckpointFormatException">There is no tensor of this name.</exception>
    public SafetensorsTensor this[string name] => _byName.TryGetValue(name, out var tensor)
        ? tensor
        : throw new CheckpointFormatException($"{Path} has no tensor named {name}; it has {Listed()}.");

    /// <summary>Reads a tensor of F32, F16, BF16 (both exact) or F64 (rounded), row-major.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Receives all of its elements.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> has another number of elements.</exception>
    /// <exception cref="CheckpointFormatException">No such tensor, or one of another element type.</exception>
    public void Read(string name, Span<float> values)
    {
        var tensor = Sized(name, values.Length);
        switch (tensor.Type)
        {
            case SafetensorsType.F32: ReadRaw(tensor, values); break;
            case SafetensorsType.F64: Convert<double, float>(tensor, values, static x => (float)x); break;
            case SafetensorsType.F16: Convert<Half, float>(tensor, values, static x => (float)x); break;
            case SafetensorsType.BF16: Convert<BFloat16, float>(tensor, values, static x => x); break;
            default: throw WrongType(tensor, "floating-point numbers");
        }
    }

    /// <summary>Reads a tensor of F64, F32, F16 or BF16, row-major; exact.</summary>
    /// <inheritdoc cref="Read(string, Span{float})" path="/param|/exception"/>
    public void Read(string name, Span<double> values)
    {
        var tensor = Sized(name, values.Length);
        switch (tensor.Type)
        {
            case SafetensorsType.F32: Convert<float, double>(tensor, values, static x => x); break;
            case SafetensorsType.F64: ReadRaw(tensor, values); break;
            case SafetensorsType.F16: Convert<Half, double>(tensor, values, static x => (double)x); break;
            case SafetensorsType.BF16: Convert<BFloat16, double>(tensor, values, static x => x); break;
            default: throw WrongType(tensor, "floating-point numbers");
        }
    }

    /// <summary>Reads a tensor of I32, I64 (each of whose numbers fits), U8 or BOOL, row-major.</summary>
    /// <inheritdoc cref="Read(string, Span{float})" path="/param|/exception"/>
    public void Read(string name, Span<int> values)
    {
        var tensor = Sized(name, values.Length);
        switch (tensor.Type)
        {
            case SafetensorsType.I32: ReadRaw(tensor, values); break;
            case SafetensorsType.U8 or SafetensorsType.BOOL: Convert<byte, int>(tensor, values, static x => x); break;
            case SafetensorsType.I64:
                Convert<long, int>(tensor, values, x => x == (int)x ? (int)x : throw new CheckpointFormatException($"{Path}: tensor {name} holds {x}, which does not fit into 32 bits."));
                break;
            default: throw WrongType(tensor, "whole numbers");
        }
    }

    /// <summary>A tensor with its file's values: floating-point types become float32 (F64 float64), whole numbers int32.</summary>
    /// <exception cref="CheckpointFormatException">No such tensor, or an element type that cannot be read.</exception>
    public Tensor ReadTensor(string name, Device? device = null)
    {
        var (type, shape) = (this[name].Type, this[name].Shape);
        switch (type)
        {
            case SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16:
                var floats = Tensor.Empty(shape, DType.Float32, device);
                Read(name, floats.Span<float>());
                return floats;
            case SafetensorsType.F64:
                var doubles = Tensor.Empty(shape, DType.Float64, device);
                Read(name, doubles.Span<double>());
                return doubles;
            default:
                var whole = Tensor.Empty(shape, DType.Int32, device);
                Read(name, whole.Span<int>());
                return whole;
        }
    }

    /// <summary>Reads a tensor into one that exists, which must have its shape.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="shape">The shape that the file must list.</param>
    /// <param name="values">Receives the elements: contiguous, float32, float64 or int32.</param>
    /// <exception cref="CheckpointFormatException">No such tensor, one of another shape, or an element type that cannot be read so.</exception>
    public void Read(string name, Shape shape, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (this[name].Shape != shape) throw new CheckpointFormatException($"{Path}: tensor {name} has shape {this[name].Shape}; expected {shape}.");
        switch (values.DType)
        {
            case DType.Float32: Read(name, values.Span<float>()); break;
            case DType.Float64: Read(name, values.Span<double>()); break;
            case DType.Int32: Read(name, values.Span<int>()); break;
            default: throw new ArgumentException($"A file is read into float32, float64 or int32, not into {values.DType}.", nameof(values));
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private SafetensorsTensor Sized(string name, int count)
    {
        var tensor = this[name];
        if (tensor.Shape.Count != count) throw new ArgumentException($"Tensor {name} of shape {tensor.Shape} has {tensor.Shape.Count} elements; the span has {count}.", nameof(count));
        return tensor;
    }

    private CheckpointFormatException WrongType(SafetensorsTensor tensor, string wanted) =>
        new($"{Path}: tensor {tensor.Name} holds {tensor.Type.Name()}, which cannot be read as {wanted}.");

    private string Listed() => _byName.Count switch
    {
        0 => "none",
        <= 8 => string.Join(", ", _byName.Keys),
        _ => $"{string.Join(", ", _byName.Keys.Take(8))} and {_byName.Count - 8} more",
    };

    private void ReadRaw<T>(SafetensorsTensor tensor, Span<T> values) where T : unmanaged
    {
        const int Chunk = 1 << 24;
        var sum = new Checksum();
        for (var at = 0; at < values.Length; at += Chunk)
            Fill(tensor, (long)at * tensor.Type.Size(), MemoryMarshal.AsBytes(values.Slice(at, Math.Min(Chunk, values.Length - at))), ref sum);
        Verify(tensor, sum);
    }

    private void Convert<TFile, T>(SafetensorsTensor tensor, Span<T> values, Func<TFile, T> convert) where TFile : unmanaged
    {
        var size = tensor.Type.Size();
        var chunk = new TFile[Math.Min(values.Length, ChunkBytes / size)];
        var sum = new Checksum();
        for (var at = 0; at < values.Length; at += chunk.Length)
        {
            var part = chunk.AsSpan(0, Math.Min(chunk.Length, values.Length - at));
            Fill(tensor, (long)at * size, MemoryMarshal.AsBytes(part), ref sum);
            for (var i = 0; i < part.Length; i++) values[at + i] = convert(part[i]);
        }
        Verify(tensor, sum);
    }

    private static Dictionary<string, ulong> Checksums(SafetensorsHeader header)
    {
        const int Digits = 16;
        if (!header.Metadata.TryGetValue(SafetensorsHeader.ChecksumsKey, out var text) || text.Length != Digits * header.Tensors.Count) return [];
        // Digits that are none never equal: that is damage too.
        return header.Tensors.Index().ToDictionary(tensor => tensor.Item.Name, tensor => ulong.TryParse(text.AsSpan(Digits * tensor.Index, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sum) ? sum : 0);
    }

    private void Verify(SafetensorsTensor tensor, Checksum sum)
    {
        if (_checksums.TryGetValue(tensor.Name, out var expected) && expected != sum.Value)
            throw new CheckpointFormatException($"{Path}: the checksum of tensor {tensor.Name} differs: the file is damaged; copy or download it again. (Where a program changed it on purpose, take {SafetensorsHeader.ChecksumsKey} out of its metadata.)");
    }

    private void Fill(SafetensorsTensor tensor, long start, Span<byte> bytes, ref Checksum sum)
    {
        var all = bytes;
        var position = _header.DataStart + tensor.Offset + start;
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(_handle, bytes, position);
            if (count == 0) throw new CheckpointFormatException($"{Path} ended while tensor {tensor.Name} was read; another program has changed it.");
            bytes = bytes[count..];
            position += count;
        }
        sum.Add(all);
    }
}
