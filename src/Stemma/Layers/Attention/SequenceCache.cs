using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The keys and values that one sequence has left in every layer: O(1) work per new token instead of O(length).</summary>
public sealed class SequenceCache(int layerCount, int contextLength) : ISequenceState
{
    private readonly (Tensor Keys, Tensor Values)[] _layers = new (Tensor, Tensor)[layerCount];
    private readonly List<int> _tokens = [];
    private int _capacity;

    /// <inheritdoc/>
    public int Length => _tokens.Count;

    /// <summary>The tokens seen.</summary>
    internal IReadOnlyList<int> Tokens => _tokens;

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        var copy = new SequenceCache(layerCount, contextLength);
        if (Length > 0)
            for (var layer = 0; layer < layerCount; layer++) copy.Append(layer, Filled(_layers[layer].Keys, Length), Filled(_layers[layer].Values, Length));
        copy._tokens.AddRange(_tokens);
        return copy;
    }

    /// <inheritdoc/>
    public bool TryTruncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Length) return false;
        _tokens.RemoveRange(length, Length - length);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var layer = 0; layer < layerCount; layer++)
        {
            if (_layers[layer].Keys is null) continue;
            Memory.Return(_layers[layer].Keys);
            Memory.Return(_layers[layer].Values);
            _layers[layer] = default;
        }
        _capacity = 0;
        _tokens.Clear();
    }

    /// <summary>Adds rows to one layer, [rows, key heads, head size].</summary>
    /// <returns>All keys and values of the layer, the new ones included; views.</returns>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var (rows, heads, size) = keys.Shape;
        var needed = Length + rows;
        if (needed > _capacity || _layers[layer].Keys is null) Grow(needed, heads, size, keys.Device);
        Filled(_layers[layer].Keys, needed).Slice(0, Length, rows).CopyFrom(keys);
        Filled(_layers[layer].Values, needed).Slice(0, Length, rows).CopyFrom(values);
        return (Filled(_layers[layer].Keys, needed), Filled(_layers[layer].Values, needed));
    }

    /// <summary>Says that all layers have got the rows of these tokens.</summary>
    internal void Advance(ReadOnlySpan<int> tokens) => _tokens.AddRange(tokens);

    private static Tensor Filled(Tensor x, int length) => x.Detach().Slice(0, 0, length);

    private void Grow(int needed, int heads, int size, Device device)
    {
        _capacity = Math.Max(needed, Math.Min(contextLength, Math.Max(64, 2 * _capacity)));
        for (var layer = 0; layer < layerCount; layer++) _layers[layer] = (Grown(_layers[layer].Keys), Grown(_layers[layer].Values));

        Tensor Grown(Tensor? old)
        {
            using var outside = Memory.Outside();
            var grown = Tensor.Empty([_capacity, heads, size], DType.Float32, device);
            if (old is null) return grown;
            if (Length > 0) Filled(grown, Length).CopyFrom(Filled(old, Length));
            Memory.Return(old);
            return grown;
        }
    }
}
