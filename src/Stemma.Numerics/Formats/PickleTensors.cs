using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Stemma.Numerics.Formats;

/// <summary>
/// A <c>pytorch_model.bin</c>: an archive of storages, and a pickled dictionary that says which tensor is where. The dictionary is read by
/// <see cref="PickleReader"/>, which runs nothing; each storage is read when a tensor of it is asked for.
/// </summary>
public sealed class PickleTensors : TensorFile
{
    private const int MaxListBytes = 100_000_000;
    private const int MostEntries = 1_000_000;

    private readonly Lock _lock = new();
    private readonly ZipArchive _archive;
    private readonly string _folder;
    private readonly Dictionary<string, PickleReader.View> _views = [];

    private PickleTensors(string path, ZipArchive archive)
    {
        (Path, _archive) = (path, archive);
        if (archive.Entries.Count > MostEntries) throw Error($"has more than {MostEntries} entries");
        var list = archive.Entries.FirstOrDefault(entry => entry.FullName.EndsWith("/data.pkl", StringComparison.Ordinal) && entry.FullName.Count(c => c == '/') == 1) ?? throw Error("is an archive without data.pkl, its list of tensors");
        _folder = list.FullName[..^"data.pkl".Length];
        if (archive.GetEntry(_folder + "byteorder") is { } order && !ReadAll(order, 16).AsSpan().SequenceEqual("little"u8)) throw Error("has the byte order of another kind of machine");
        if (PickleReader.Read(ReadAll(list, MaxListBytes), path) is not List<(object?, object?)> items) throw Error("holds something else than a dictionary of tensors");
        var tensors = new List<SafetensorsTensor>();
        foreach (var (key, value) in items)
        {
            if (key is not string name) throw Error("has a key that is not a name");
            if (value is not PickleReader.View view) throw Error($"has under {name} something else than a tensor");
            if (!_views.TryAdd(name, view)) throw Error($"lists tensor {name} twice");
            tensors.Add(Checked(name, view));
        }
        Tensors = tensors;
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>Opens a file and checks its list of tensors.</summary>
    /// <exception cref="CheckpointFormatException">There is no such file, it is not such an archive, or its list asks for more than tensors.</exception>
    public static PickleTensors Open(string path)
    {
        FileStream? stream = null;
        ZipArchive? archive = null;
        try
        {
            stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[2];
            if (stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) < 2 || !start.SequenceEqual("PK"u8))
                throw new CheckpointFormatException($"{path} is not an archive of PyTorch 1.6 or later; load it there and save it again, best as safetensors.");
            stream.Position = 0;
            archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return new(path, archive);
        }
        catch (Exception e)
        {
            archive?.Dispose();
            stream?.Dispose();
            if (e is FileNotFoundException or DirectoryNotFoundException) throw new CheckpointFormatException($"{path} does not exist.", e);
            if (e is InvalidDataException) throw new CheckpointFormatException($"{path} is a broken archive: {e.Message}", e);
            if (e is IOException or UnauthorizedAccessException) throw new CheckpointFormatException($"{path} cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Read(string name, Span<float> values)
    {
        switch (this[name].Type)
        {
            case SafetensorsType.F32: Convert<float, float>(name, values, static x => x); break;
            case SafetensorsType.F64: Convert<double, float>(name, values, static x => (float)x); break;
            case SafetensorsType.F16: Convert<Half, float>(name, values, static x => (float)x); break;
            case SafetensorsType.BF16: Convert<BFloat16, float>(name, values, static x => x); break;
            default: throw WrongType(name, "floating-point numbers");
        }
    }

    /// <inheritdoc/>
    public override void Read(string name, Span<double> values)
    {
        switch (this[name].Type)
        {
            case SafetensorsType.F32: Convert<float, double>(name, values, static x => x); break;
            case SafetensorsType.F64: Convert<double, double>(name, values, static x => x); break;
            case SafetensorsType.F16: Convert<Half, double>(name, values, static x => (double)x); break;
            case SafetensorsType.BF16: Convert<BFloat16, double>(name, values, static x => x); break;
            default: throw WrongType(name, "floating-point numbers");
        }
    }

    /// <inheritdoc/>
    public override void Read(string name, Span<int> values)
    {
        switch (this[name].Type)
        {
            case SafetensorsType.I32: Convert<int, int>(name, values, static x => x); break;
            case SafetensorsType.I16: Convert<short, int>(name, values, static x => x); break;
            case SafetensorsType.I8: Convert<sbyte, int>(name, values, static x => x); break;
            case SafetensorsType.U8 or SafetensorsType.BOOL: Convert<byte, int>(name, values, static x => x); break;
            case SafetensorsType.I64: Convert<long, int>(name, values, x => x == (int)x ? (int)x : throw Error($"has in tensor {name} the number {x}, which does not fit into 32 bits")); break;
            default: throw WrongType(name, "whole numbers");
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _archive.Dispose();

    private CheckpointFormatException Error(string what) => new($"{Path} {what}.");

    private CheckpointFormatException WrongType(string name, string wanted) => new($"{Path}: tensor {name} holds {this[name].Type.Name()}, which cannot be read as {wanted}.");

    /// <summary>Compares a view with its storage, and the storage with its entry.</summary>
    private SafetensorsTensor Checked(string name, PickleReader.View view)
    {
        var (storage, rank) = (view.Storage, view.Sizes.Length);
        if (rank != view.Strides.Length || rank > Shape.MaxRank || view.Offset < 0 || storage.Count < 0) throw Error($"describes tensor {name} in a way that cannot be");
        var (count, last) = (1L, (Int128)view.Offset);
        for (var i = 0; i < rank; i++)
        {
            var (size, stride) = (view.Sizes[i], view.Strides[i]);
            if (size is < 0 or > int.MaxValue || stride < 0) throw Error($"describes tensor {name} in a way that cannot be");
            count = size == 0 ? 0 : count > int.MaxValue / size ? throw Error($"describes tensor {name} with more than {int.MaxValue} numbers") : count * size;
            last += size > 1 ? (Int128)(size - 1) * stride : 0;
        }
        if (count > 0 && last >= storage.Count) throw Error($"describes tensor {name} beyond the end of its storage");
        var entry = Entry(storage.Key) ?? throw Error($"lacks the storage {storage.Key} of tensor {name}");
        if (entry.CompressedLength != entry.Length) throw Error($"has its storage {storage.Key} compressed, which PyTorch never does");
        if (entry.Length / storage.Type.Size() < storage.Count) throw Error($"has {entry.Length} bytes in the storage {storage.Key}, too few for its {storage.Count} numbers");
        return new(name, storage.Type, Shape.Create(Array.ConvertAll(view.Sizes, size => (int)size)), view.Offset * storage.Type.Size(), count * storage.Type.Size());
    }

    private ZipArchiveEntry? Entry(string key) => _archive.GetEntry($"{_folder}data/{key}");

    private byte[] ReadAll(ZipArchiveEntry entry, int most)
    {
        if (entry.Length > most) throw Error($"has {entry.Length} bytes in {entry.FullName}; at most {most} can be");
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Convert<TFile, T>(string name, Span<T> values, Func<TFile, T> convert) where TFile : unmanaged
    {
        if (this[name].Shape.Count != values.Length) throw new ArgumentException($"Tensor {name} of shape {this[name].Shape} has {this[name].Shape.Count} elements; the span has {values.Length}.", nameof(values));
        if (values.Length == 0) return;
        var view = _views[name];
        var last = view.Offset;
        for (var i = 0; i < view.Sizes.Length; i++) last += (view.Sizes[i] - 1) * view.Strides[i];
        var numbers = Numbers<TFile>(name, view, last);
        var index = new long[view.Sizes.Length];
        for (var n = 0; n < values.Length; n++)
        {
            var at = 0L;
            for (var i = 0; i < index.Length; i++) at += index[i] * view.Strides[i];
            values[n] = convert(numbers[at]);
            for (var i = index.Length - 1; i >= 0 && ++index[i] == view.Sizes[i]; i--) index[i] = 0;
        }
    }

    /// <summary>The numbers of a storage from a view's first to its last.</summary>
    private TFile[] Numbers<TFile>(string name, PickleReader.View view, long last) where TFile : unmanaged
    {
        var size = view.Storage.Type.Size();
        var numbers = new TFile[last - view.Offset + 1];
        lock (_lock)
        {
            try
            {
                using var stream = Entry(view.Storage.Key)!.Open();
                var skip = new byte[1 << 16];
                for (var left = view.Offset * size; left > 0;) left -= Skipped(stream.Read(skip, 0, (int)Math.Min(left, skip.Length)));
                var bytes = MemoryMarshal.AsBytes(numbers.AsSpan());
                stream.ReadExactly(bytes);
                return numbers;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw new CheckpointFormatException($"{Path}: the storage of tensor {name} is broken: {e.Message}", e);
            }
        }

        static int Skipped(int count) => count > 0 ? count : throw new EndOfStreamException("It ended early.");
    }
}
