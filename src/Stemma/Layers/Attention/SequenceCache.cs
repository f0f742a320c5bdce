using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// What one sequence has left in every layer: keys and values, or what stands for them, so that a new token is O(1) products with weights
/// instead of O(length).
/// </summary>
public sealed class SequenceCache(int layerCount, int contextLength) : ISequenceState
{
    private readonly (Tensor? Keys, Tensor? Values)[] _layers = new (Tensor?, Tensor?)[layerCount];
    private readonly ILayerMemory?[] _memories = new ILayerMemory?[layerCount];
    private readonly List<int> _tokens = [];

    /// <inheritdoc/>
    public int Length => _tokens.Count;

    /// <summary>Bytes that the positions so far take, of all layers; room for more is not counted.</summary>
    public long ByteCount => _layers.Sum(layer => Bytes(layer.Keys) + Bytes(layer.Values)) + _memories.Sum(memory => memory?.ByteCount ?? 0);

    /// <summary>The tokens seen.</summary>
    internal IReadOnlyList<int> Tokens => _tokens;

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        var copy = new SequenceCache(layerCount, contextLength);
        for (var layer = 0; layer < layerCount; layer++)
        {
            if (Length > 0 && _layers[layer].Keys is { } keys) copy.Append(layer, Filled(keys, Length), _layers[layer].Values is { } values ? Filled(values, Length) : null);
            copy._memories[layer] = _memories[layer]?.Fork();
        }
        copy._tokens.AddRange(_tokens);
        return copy;
    }

    /// <inheritdoc/>
    public bool TryTruncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Length || (length > 0 && !_memories.All(memory => memory?.CanForget(Length - length) != false))) return false;
        for (var layer = 0; layer < layerCount; layer++)
        {
            if (length > 0) _memories[layer]?.Forget(Length - length);
            else Forget(layer);
        }
        _tokens.RemoveRange(length, Length - length);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var layer = 0; layer < layerCount; layer++)
        {
            Forget(layer);
            if (_layers[layer].Keys is { } keys) Memory.Return(keys);
            if (_layers[layer].Values is { } values) Memory.Return(values);
            _layers[layer] = default;
        }
        _tokens.Clear();
    }

    /// <summary>What a layer remembers in a way of its own.</summary>
    internal T Remembered<T>(int layer, Func<T> create) where T : class, ILayerMemory => (T)(_memories[layer] ??= create());

    /// <summary>Adds rows to one layer, [rows, key heads, head size].</summary>
    /// <returns>All keys and values of the layer, the new ones included; views.</returns>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor? values)
    {
        var rows = keys.Shape[0];
        var needed = Length + rows;
        ref var kept = ref _layers[layer];
        if (kept.Keys is null || needed > kept.Keys.Shape[0])
        {
            var capacity = Math.Max(needed, Math.Min(contextLength, Math.Max(64, 2 * (kept.Keys?.Shape[0] ?? 0))));
            kept = (Grown(kept.Keys, keys, capacity), values is null ? null : Grown(kept.Values, values, capacity));
        }
        Filled(kept.Keys!, needed).Slice(0, Length, rows).CopyFrom(keys);
        if (values is not null) Filled(kept.Values!, needed).Slice(0, Length, rows).CopyFrom(values);
        return (Filled(kept.Keys!, needed), Filled(kept.Values ?? kept.Keys!, needed));
    }

    /// <summary>Adds rows to one layer whose values are its keys.</summary>
    /// <param name="layer">The block's number.</param>
    /// <param name="rows">[rows, key heads, size].</param>
    /// <returns>All of them, the new ones included; a view.</returns>
    internal Tensor Append(int layer, Tensor rows) => Append(layer, rows, null).Keys;

    /// <summary>Says that all layers have got the rows of these tokens.</summary>
    internal void Advance(ReadOnlySpan<int> tokens) => _tokens.AddRange(tokens);

    private static Tensor Filled(Tensor x, int length) => x.Detach().Slice(0, 0, length);

    private long Bytes(Tensor? x) => x is null ? 0 : x.Count / x.Shape[0] * Length * sizeof(float);

    private void Forget(int layer)
    {
        _memories[layer]?.Dispose();
        _memories[layer] = null;
    }

    private Tensor Grown(Tensor? old, Tensor like, int capacity)
    {
        using var outside = Memory.Outside();
        var grown = Tensor.Empty(like.Shape.With(0, capacity), DType.Float32, like.Device);
        if (old is null) return grown;
        if (Length > 0) Filled(grown, Length).CopyFrom(Filled(old, Length));
        Memory.Return(old);
        return grown;
    }
}
