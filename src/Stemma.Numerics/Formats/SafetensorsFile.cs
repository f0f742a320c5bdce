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
public sealed class SafetensorsFile : TensorFile
{
    private const int ChunkBytes = 1 << 16;

    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, ulong> _checksums;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        (Path, _handle, _header) = (path, handle, header);
        _checksums = Checksums(header);
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

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

    /// <summary>Reads a tensor of F32, F16, BF16 (both exact) or F64 (rounded), row-major.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Receives all of its elements.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> has another number of elements.</exception>
    /// <exception cref="CheckpointFormatException">No such tensor, or one of another element type.</exception>
    public override void Read(string name, Span<float> values)
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
    public override void Read(string name, Span<double> values)
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

    /// <summary>Reads a tensor of whole numbers, each of which must fit into 32 bits, or truth values, row-major.</summary>
    /// <inheritdoc cref="Read(string, Span{float})" path="/param|/exception"/>
    public override void Read(string name, Span<int> values)
    {
        var tensor = Sized(name, values.Length);
        switch (tensor.Type)
        {
            case SafetensorsType.I32: ReadRaw(tensor, values); break;
            case SafetensorsType.U8 or SafetensorsType.BOOL: Convert<byte, int>(tensor, values, static x => x); break;
            case SafetensorsType.I8: Convert<sbyte, int>(tensor, values, static x => x); break;
            case SafetensorsType.U16: Convert<ushort, int>(tensor, values, static x => x); break;
            case SafetensorsType.I16: Convert<short, int>(tensor, values, static x => x); break;
            case SafetensorsType.U32: Convert<uint, int>(tensor, values, x => Fitting(x)); break;
            case SafetensorsType.I64: Convert<long, int>(tensor, values, x => Fitting(x)); break;
            case SafetensorsType.U64: Convert<ulong, int>(tensor, values, x => Fitting(x)); break;
            default: throw WrongType(tensor, "whole numbers");
        }

        int Fitting(Int128 x) => x == (int)x ? (int)x : throw new CheckpointFormatException($"{Path}: tensor {name} holds {x}, which does not fit into 32 bits.");
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

    /// <inheritdoc/>
    public override void Dispose() => _handle.Dispose();

    private SafetensorsTensor Sized(string name, int count)
    {
        var tensor = this[name];
        if (tensor.Shape.Count != count) throw new ArgumentException($"Tensor {name} of shape {tensor.Shape} has {tensor.Shape.Count} elements; the span has {count}.", nameof(count));
        return tensor;
    }

    private CheckpointFormatException WrongType(SafetensorsTensor tensor, string wanted) =>
        new($"{Path}: tensor {tensor.Name} holds {tensor.Type.Name()}, which cannot be read as {wanted}.");

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
