using System.Text.Json;

namespace Stemma.Numerics.Formats;

/// <summary>
/// Tensors in several files of one folder, with an index that says where each is (Hugging Face's <c>model.safetensors.index.json</c>). All
/// files are opened and compared with the index before anything is read.
/// </summary>
public sealed class ShardedTensors : TensorFile
{
    private const int MaxIndexBytes = 100_000_000;

    private readonly Dictionary<string, TensorFile> _shards;
    private readonly Dictionary<string, TensorFile> _places = [];

    private ShardedTensors(string path, Dictionary<string, TensorFile> shards, Dictionary<string, string> index)
    {
        (Path, _shards) = (path, shards);
        Tensors = [.. shards.Values.SelectMany(shard => shard.Tensors)];
        Metadata = shards.Values.FirstOrDefault()?.Metadata ?? new Dictionary<string, string>();
        foreach (var (name, shard) in index) _places[name] = shards[shard];
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens an index and all of its files.</summary>
    /// <param name="path">The index.</param>
    /// <param name="open">Opens one file.</param>
    /// <exception cref="CheckpointFormatException">The index is broken, names a file elsewhere than beside it, or does not say what the files hold.</exception>
    public static ShardedTensors Open(string path, Func<string, TensorFile> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        var index = ReadIndex(path);
        var folder = System.IO.Path.GetDirectoryName(path) ?? "";
        var shards = new Dictionary<string, TensorFile>();
        try
        {
            foreach (var shard in index.Values.Distinct().Order(StringComparer.Ordinal)) shards.Add(shard, open(System.IO.Path.Combine(folder, shard)));
            RequireAgreement(path, index, shards);
            return new(path, shards, index);
        }
        catch
        {
            foreach (var shard in shards.Values) shard.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Read(string name, Span<float> values) => Place(name).Read(name, values);

    /// <inheritdoc/>
    public override void Read(string name, Span<double> values) => Place(name).Read(name, values);

    /// <inheritdoc/>
    public override void Read(string name, Span<int> values) => Place(name).Read(name, values);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var shard in _shards.Values) shard.Dispose();
    }

    private TensorFile Place(string name) => _places[this[name].Name];

    private static Dictionary<string, string> ReadIndex(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxIndexBytes) throw new CheckpointFormatException($"{path} is no index: it has more than {MaxIndexBytes} bytes.");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
                throw new CheckpointFormatException($"{path} lacks the field weight_map, which says in which file each tensor is.");
            var index = new Dictionary<string, string>();
            foreach (var place in map.EnumerateObject())
            {
                var shard = place.Value.ValueKind == JsonValueKind.String ? place.Value.GetString()! : throw new CheckpointFormatException($"{path}: the place of tensor {place.Name} is not the name of a file.");
                if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().IndexOfAny('/', '\\', ':') >= 0 || shard.Contains('\0', StringComparison.Ordinal))
                    throw new CheckpointFormatException($"{path}: tensor {place.Name} would be in {shard}; shards are files beside the index, and no other is opened.");
                if (!index.TryAdd(place.Name, shard)) throw new CheckpointFormatException($"{path}: tensor {place.Name} is listed twice.");
            }
            return index;
        }
        catch (JsonException e)
        {
            throw new CheckpointFormatException($"{path} is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointFormatException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static void RequireAgreement(string path, Dictionary<string, string> index, Dictionary<string, TensorFile> shards)
    {
        foreach (var (name, shard) in index)
            if (!shards[shard].Contains(name)) throw new CheckpointFormatException($"{path} says that {shard} holds tensor {name}, which it does not.");
        foreach (var (shard, file) in shards)
            foreach (var tensor in file.Tensors)
                if (!index.TryGetValue(tensor.Name, out var place) || place != shard) throw new CheckpointFormatException($"{file.Path} holds tensor {tensor.Name}, which {System.IO.Path.GetFileName(path)} does not list there.");
    }
}
