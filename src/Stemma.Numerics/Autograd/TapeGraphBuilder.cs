namespace Stemma.Numerics.Autograd;

/// <summary>Numbers the tensors of a tape.</summary>
/// <param name="nameOf">What a tensor is called, if anything.</param>
internal sealed class TapeGraphBuilder(Func<Tensor, string?>? nameOf)
{
    private readonly List<TapeGraphNode> _nodes = [];
    private readonly Dictionary<Tensor, int> _ids = [];
    private readonly HashSet<Storage> _saved = [];

    /// <summary>Adds an operation, and what it was given that no operation made.</summary>
    public void Add(string operation, Tensor output, IReadOnlyList<Tensor> inputs, IReadOnlyList<Storage> saved)
    {
        var ids = inputs.Select(input => _ids.TryGetValue(input, out var id) ? id : Add(input, null, [], 0)).ToArray();
        foreach (var storage in saved) _saved.Add(storage);
        Add(output, operation, ids, saved.Distinct().Sum(storage => storage.Bytes));
    }

    public TapeGraph Build() => new(_nodes, _saved.Sum(storage => storage.Bytes));

    private int Add(Tensor tensor, string? operation, IReadOnlyList<int> inputs, long savedBytes)
    {
        var id = _nodes.Count;
        _nodes.Add(new(id, operation, nameOf?.Invoke(tensor), tensor.Shape, tensor.DType, tensor.RequiresGradient, savedBytes, inputs));
        _ids.Add(tensor, id);
        return id;
    }
}
