using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// What a model of fixed memory carries over from one pass to the next, a row for each sequence: the pass starts from it and leaves
/// there what to go on with. No gradient passes through it, so that training over long texts is truncated backpropagation through time
/// (Williams &amp; Peng 1990).
/// </summary>
/// <remarks>What a pass starts from stays as it is until the next one has been, because its gradients read it: there are two sets that change places.</remarks>
public sealed class CarriedState : IDisposable
{
    private Tensor[] _tensors, _next;

    /// <summary>The state of sequences that have seen nothing.</summary>
    /// <param name="parts">What the model remembers.</param>
    /// <param name="sequences">Rows of every part.</param>
    /// <param name="device">Where it lies.</param>
    public CarriedState(IReadOnlyList<StatePart> parts, int sequences, Device device)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var outside = Memory.Outside();
        (Parts, SequenceCount, Device) = (parts, sequences, device);
        _tensors = [.. parts.Select(part => Tensor.Zeros([sequences, part.Size], part.DType, device))];
        _next = [.. parts.Select(part => Tensor.Zeros([sequences, part.Size], part.DType, device))];
    }

    /// <summary>What the model remembers.</summary>
    public IReadOnlyList<StatePart> Parts { get; }

    /// <summary>Rows of every part.</summary>
    public int SequenceCount { get; }

    /// <summary>Where it lies.</summary>
    public Device Device { get; }

    /// <summary>The parts as they are now, [sequences, size] each.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>Takes what a pass has left.</summary>
    /// <param name="values">A tensor for each part, [sequences, size].</param>
    public void Replace(IReadOnlyList<Tensor> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        for (var i = 0; i < _next.Length; i++) _next[i].CopyFrom(values[i].Detach());
        (_tensors, _next) = (_next, _tensors);
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        foreach (var tensor in _tensors) tensor.CopyFrom(Tensor.Zeros(tensor.Shape, tensor.DType, tensor.Device));
    }

    /// <summary>Copies a sequence's state from another.</summary>
    /// <param name="row">The sequence.</param>
    /// <param name="source">A state of the same parts.</param>
    /// <param name="sourceRow">The sequence there.</param>
    public void CopyRow(int row, CarriedState source, int sourceRow)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (var i = 0; i < _tensors.Length; i++) _tensors[i].Slice(0, row, 1).CopyFrom(source._tensors[i].Slice(0, sourceRow, 1));
    }

    /// <summary>Returns its memory.</summary>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. _tensors, .. _next]) Memory.Return(tensor);
        (_tensors, _next) = ([], []);
    }
}
