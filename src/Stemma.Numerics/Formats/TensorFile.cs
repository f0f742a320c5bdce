namespace Stemma.Numerics.Formats;

/// <summary>Named tensors in a file, or in several that belong together, open for reading: the data of one is read when it is asked for.</summary>
public abstract class TensorFile : IDisposable
{
    private Dictionary<string, SafetensorsTensor>? _byName;

    /// <summary>The file, as it was given.</summary>
    public abstract string Path { get; }

    /// <summary>The tensors in the file's order.</summary>
    public abstract IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Strings beside the tensors.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    private Dictionary<string, SafetensorsTensor> ByName => _byName ??= Tensors.ToDictionary(t => t.Name);

    /// <summary>What the file says of a tensor.</summary>
    /// <exception cref="CheckpointFormatException">There is no tensor of this name.</exception>
    public SafetensorsTensor this[string name] => ByName.TryGetValue(name, out var tensor) ? tensor : throw new CheckpointFormatException($"{Path} has no tensor named {name}; it has {Listed()}.");

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => ByName.ContainsKey(name);

    /// <summary>Reads a tensor of floating-point numbers, row-major: of float64 rounded, of others exact.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Receives all of its elements.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> has another number of elements.</exception>
    /// <exception cref="CheckpointFormatException">No such tensor, or one of another element type.</exception>
    public abstract void Read(string name, Span<float> values);

    /// <summary>Reads a tensor of floating-point numbers, row-major; exact.</summary>
    /// <inheritdoc cref="Read(string, Span{float})" path="/param|/exception"/>
    public abstract void Read(string name, Span<double> values);

    /// <summary>Reads a tensor of whole numbers, each of which must fit, row-major.</summary>
    /// <inheritdoc cref="Read(string, Span{float})" path="/param|/exception"/>
    public abstract void Read(string name, Span<int> values);

    /// <summary>A tensor with its file's values: floating-point types become float32 (float64 stays), whole numbers int32.</summary>
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

    /// <summary>Closes it.</summary>
    public abstract void Dispose();

    private string Listed() => ByName.Count switch
    {
        0 => "none",
        <= 8 => string.Join(", ", ByName.Keys),
        _ => $"{string.Join(", ", ByName.Keys.Take(8))} and {ByName.Count - 8} more",
    };
}
