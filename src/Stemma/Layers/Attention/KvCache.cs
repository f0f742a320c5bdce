using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The caches of a pass, one per sequence of its layout.</summary>
public sealed class KvCache(IReadOnlyList<SequenceCache> sequences)
{
    /// <summary>The cache of one sequence.</summary>
    internal SequenceCache this[int sequence] => sequences[sequence];

    /// <summary>Attends from the new rows of every sequence to all its keys, after adding the new ones.</summary>
    /// <param name="layer">The block's number.</param>
    /// <param name="q">[rows, heads, head size].</param>
    /// <param name="k">[rows, key heads, head size].</param>
    /// <param name="v">[rows, key heads, head size].</param>
    /// <param name="layout">The new rows of each sequence.</param>
    /// <param name="window">Which keys a query sees.</param>
    /// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
    /// <param name="scores">What happens to scores before the softmax; null for nothing.</param>
    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, SequenceLayout layout, AttentionWindow window, double? scale = null, ScoreDescription? scores = null)
    {
        return Each(layout, (cache, start, count) =>
        {
            var (keys, values) = cache.Append(layer, k.Slice(0, start, count), v.Slice(0, start, count));
            return (q.Slice(0, start, count), keys, values);
        }, window, scale, scores);
    }

    /// <summary>The same where rows are keys and values at once.</summary>
    /// <param name="layer">The block's number.</param>
    /// <param name="q">[rows, heads, size].</param>
    /// <param name="shared">[rows, key heads, size].</param>
    /// <param name="layout">The new rows of each sequence.</param>
    /// <param name="window">Which keys a query sees.</param>
    /// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
    internal Tensor AttendShared(int layer, Tensor q, Tensor shared, SequenceLayout layout, AttentionWindow window, double? scale) => Each(layout, (cache, start, count) =>
    {
        var rows = cache.Append(layer, shared.Slice(0, start, count));
        return (q.Slice(0, start, count), rows, rows);
    }, window, scale, null);

    private Tensor Each(SequenceLayout layout, Func<SequenceCache, int, int, (Tensor Queries, Tensor Keys, Tensor Values)> append, AttentionWindow window, double? scale, ScoreDescription? scores)
    {
        var outputs = new Tensor[sequences.Count];
        for (var s = 0; s < outputs.Length; s++)
        {
            var (start, count) = (layout.QueryOffsets[s], layout.QueryOffsets[s + 1] - layout.QueryOffsets[s]);
            var (q, k, v) = append(sequences[s], start, count);
            var continued = SequenceLayout.Continued(count, k.Shape[0]);
            if (layout.PrefixLength(s) > 0) continued = continued.WithPrefixes(layout.PrefixLength(s));
            outputs[s] = TensorOps.Attention(q, k, v, continued, window, scale, scores: scores);
        }
        return outputs.Length == 1 ? outputs[0] : TensorOps.Concatenate(0, outputs);
    }

    /// <summary>All keys and values of every sequence, the new ones added: what <see cref="Attend"/> reads, side by side for those who look inside.</summary>
    /// <param name="layer">The block's number.</param>
    /// <param name="k">[rows, key heads, head size].</param>
    /// <param name="v">[rows, key heads, head size]; null where keys are values too.</param>
    /// <param name="layout">The new rows of each sequence.</param>
    /// <returns>[keys, key heads, head size] each, and where sequences begin and end in rows and keys.</returns>
    internal (Tensor Keys, Tensor Values, SequenceLayout Layout) Extend(int layer, Tensor k, Tensor? v, SequenceLayout layout)
    {
        var (keys, values, ends) = (new Tensor[sequences.Count], new Tensor[sequences.Count], new int[sequences.Count + 1]);
        for (var s = 0; s < keys.Length; s++)
        {
            var (start, count) = (layout.QueryOffsets[s], layout.QueryOffsets[s + 1] - layout.QueryOffsets[s]);
            (keys[s], values[s]) = sequences[s].Append(layer, k.Slice(0, start, count), v?.Slice(0, start, count));
            ends[s + 1] = ends[s] + keys[s].Shape[0];
        }
        var extended = new SequenceLayout(layout.QueryOffsets, ends);
        int[] prefixes = [.. Enumerable.Range(0, keys.Length).Select(layout.PrefixLength)];
        return (TensorOps.Concatenate(0, keys), TensorOps.Concatenate(0, values), prefixes.Any(length => length > 0) ? extended.WithPrefixes(prefixes) : extended);
    }

    /// <summary>The position of each new row in its sequence.</summary>
    public int[] Positions(SequenceLayout layout)
    {
        var positions = layout.Positions.ToArray();
        for (var s = 0; s < sequences.Count; s++)
            foreach (ref var position in positions.AsSpan(layout.QueryOffsets[s]..layout.QueryOffsets[s + 1])) position += sequences[s].Length;
        return positions;
    }
}
