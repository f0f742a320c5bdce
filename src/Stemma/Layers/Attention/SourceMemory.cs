using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// What an encoder has left of some sources, for queries to look at: each gets the mean of its source's rows, weighted by the softmax of
/// its scores. Bahdanau et al. 2014, arXiv:1409.0473, equations 5 and 6.
/// </summary>
/// <remarks>Sources stand side by side, the shorter ones padded; a padded place has a score of −10³⁰ and therefore the weight 0.</remarks>
public sealed class SourceMemory
{
    private readonly AttentionScore _score;
    private readonly Tensor _values, _keys;
    private readonly Tensor? _mask;

    /// <summary>The memory of some sources.</summary>
    /// <param name="values">[rows, size], the sources one after the other.</param>
    /// <param name="layout">Where they begin and end; each has at least one row.</param>
    /// <param name="score">Compares queries with rows.</param>
    public SourceMemory(Tensor values, SequenceLayout layout, AttentionScore score)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(score);
        (_score, Count, Longest) = (score, layout.Count, layout.LongestQuery);
        var lengths = Lengths(layout);
        if (lengths.Length == 0 || lengths.Min() == 0) throw new ArgumentException("Attention needs at least one row of every source to look at.", nameof(layout));
        _values = Padded(values, layout);
        _keys = score.Prepare(_values);
        if (lengths.All(length => length == Longest)) return;
        var mask = new float[Count * Longest];
        for (var s = 0; s < Count; s++) mask.AsSpan(s * Longest + lengths[s], Longest - lengths[s]).Fill(-1e30f);
        _mask = Tensor.From(mask, [Count, 1, Longest], values.Device).Cast(values.DType);
    }

    /// <summary>How many sources there are.</summary>
    public int Count { get; }

    /// <summary>Rows of the longest of them.</summary>
    public int Longest { get; }

    /// <summary>Looks at the sources.</summary>
    /// <param name="queries">[rows, query size].</param>
    /// <param name="layout">Which rows belong to which source; ignored where there is one source, which all rows look at.</param>
    /// <returns>What each row reads [rows, size], and the weights with which it does [rows, <see cref="Longest"/>]: they sum to 1, and are 0 beyond the source's end.</returns>
    public (Tensor Context, Tensor Weights) Read(Tensor queries, SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(layout);
        if (Count == 1) layout = SequenceLayout.Batch(1, queries.Shape[0]);
        if (layout.Count != Count || layout.QueryCount != queries.Shape[0]) throw new ArgumentException($"{queries.Shape[0]} queries of {layout.Count} sequences do not fit a memory of {Count} sources.", nameof(layout));
        var scores = _score.Forward(Padded(queries, layout), _keys);
        if (_mask is not null) scores += _mask;
        var weights = scores.Softmax();
        return (Packed(weights.MatMul(_values), layout), Packed(weights, layout));
    }

    /// <summary>[rows, size] to [sequences, longest, size]; a place beyond a sequence's end holds a copy of some row.</summary>
    private static Tensor Padded(Tensor x, SequenceLayout layout)
    {
        var (offsets, longest) = (layout.QueryOffsets.ToArray(), layout.LongestQuery);
        var places = new int[layout.Count * longest];
        for (var s = 0; s < layout.Count; s++)
            for (var i = 0; i < longest; i++) places[s * longest + i] = Math.Min(offsets[s] + i, x.Shape[0] - 1);
        return TimeSteps.Rows(x, places).Reshape(layout.Count, longest, x.Shape[1]);
    }

    /// <summary>The reverse of <see cref="Padded"/>.</summary>
    private static Tensor Packed(Tensor x, SequenceLayout layout)
    {
        var (offsets, longest) = (layout.QueryOffsets.ToArray(), layout.LongestQuery);
        var places = new int[layout.QueryCount];
        for (var s = 0; s < layout.Count; s++)
            for (var row = offsets[s]; row < offsets[s + 1]; row++) places[row] = s * longest + row - offsets[s];
        return TimeSteps.Rows(x.Reshape(layout.Count * longest, x.Shape[2]), places);
    }

    private static int[] Lengths(SequenceLayout layout)
    {
        var lengths = new int[layout.Count];
        for (var s = 0; s < lengths.Length; s++) lengths[s] = layout.QueryOffsets[s + 1] - layout.QueryOffsets[s];
        return lengths;
    }
}
