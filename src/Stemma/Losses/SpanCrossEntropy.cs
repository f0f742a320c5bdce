using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Losses;

/// <summary>The cost of pointing at a row of each text: the softmax goes over the rows of the text.</summary>
public static class SpanCrossEntropy
{
    /// <summary>The mean over texts of −ln softmax(scores)[row], in nats.</summary>
    /// <param name="scores">[rows], text after text.</param>
    /// <param name="layout">Where texts begin and end.</param>
    /// <param name="rows">The row of each text, counted in it; <see cref="TensorOps.IgnoreIndex"/> does not count.</param>
    public static Tensor Of(Tensor scores, SequenceLayout layout, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(layout);
        if (rows.Length != layout.Count) throw new ArgumentException($"{layout.Count} texts take as many rows to point at; got {rows.Length}.", nameof(rows));
        var offsets = layout.QueryOffsets;
        var (longest, count) = (layout.LongestQuery, layout.Count);
        var (places, hidden) = (new int[count * longest], new float[count * longest]);
        for (var s = 0; s < count; s++)
        {
            var length = offsets[s + 1] - offsets[s];
            for (var i = 0; i < longest; i++)
            {
                places[s * longest + i] = Math.Min(offsets[s] + i, layout.QueryCount - 1);
                if (i >= length) hidden[s * longest + i] = -1e30f;
            }
        }
        var padded = scores.Reshape(scores.Shape[0], 1).Gather(Tensor.From(places, [places.Length], scores.Device)).Reshape(count, longest);
        return (padded + Tensor.From(hidden, [count, longest], scores.Device).Cast(scores.DType)).CrossEntropy(Tensor.From(rows, [count], scores.Device));
    }
}
