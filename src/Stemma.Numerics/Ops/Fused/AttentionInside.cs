namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    // A hidden score: very negative, not −∞, so that a row that sees nothing has no NaN.
    private const double HiddenScore = -1e30;

    /// <summary>
    /// The scores inside <see cref="Attention"/>: products of queries and keys, scaled, capped and biased, which the fused operation never holds.
    /// For those who want to look at them, or to put others in their place.
    /// </summary>
    /// <param name="queries">[rows, heads, head size].</param>
    /// <param name="keys">[keys, key heads, head size].</param>
    /// <param name="layout">Where sequences begin and end in rows and keys.</param>
    /// <param name="window">Which keys a query sees.</param>
    /// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
    /// <param name="description">What happens to scores before the softmax; null for nothing.</param>
    /// <returns>[rows, heads, keys of the longest sequence]: −10³⁰ where a query does not see a key, or its sequence has no such key.</returns>
    public static Tensor AttentionScores(Tensor queries, Tensor keys, SequenceLayout layout, AttentionWindow window, double? scale = null, ScoreDescription? description = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        (queries, keys) = (queries.ForCompute(), keys.ForCompute());
        RequireFit(queries, keys, keys, layout, 0);
        var (_, heads, size) = queries.Shape;
        var keyHeads = keys.Shape[1];
        var arguments = new AttentionArguments(queries, keys, keys, layout, window, scale ?? 1 / Math.Sqrt(size), 0, default, Fitting(description, heads));
        return EachSequence(layout, (s, rows, first, count) =>
        {
            var q = queries.Slice(0, layout.QueryOffsets[s], rows).Transpose(0, 1).Reshape([keyHeads, heads / keyHeads, rows, size]);
            var k = keys.Slice(0, first, count).Transpose(0, 1).Reshape([keyHeads, 1, count, size]);
            var (visible, _) = Masks(arguments, s, rows, count, q.DType, q.Device);
            var scores = Described(arguments, q.MatMul(k.Transposed) * arguments.Scale) * visible + (visible - 1) * -HiddenScore;
            return Widened(scores.Reshape([heads, rows, count]).Transpose(0, 1), layout.LongestKey, HiddenScore);
        });
    }

    /// <summary>The softmax of <see cref="AttentionScores"/>: how much each query takes of each key.</summary>
    /// <param name="scores">[rows, heads, keys of the longest sequence]; what a query does not see stays hidden, whatever stands there.</param>
    /// <param name="layout">Where sequences begin and end in rows and keys.</param>
    /// <param name="window">Which keys a query sees.</param>
    /// <param name="description">Whose sinks take part; null for none.</param>
    /// <returns>The same shape; 0 where a query does not see a key. Rows sum to 1, or to less where there is a sink.</returns>
    public static Tensor AttentionPattern(Tensor scores, SequenceLayout layout, AttentionWindow window, ScoreDescription? description = null)
    {
        RequireInside(scores, layout, nameof(scores));
        var heads = scores.Shape[1];
        var arguments = new AttentionArguments(scores, scores, scores, layout, window, 1, 0, default, Fitting(description, heads));
        return EachSequence(layout, (s, rows, _, count) =>
        {
            var (visible, _) = Masks(arguments, s, rows, count, scores.DType, scores.Device);
            var own = scores.Slice(0, layout.QueryOffsets[s], rows).Slice(2, 0, count).Transpose(0, 1).Reshape([heads, 1, rows, count]) * visible + (visible - 1) * -HiddenScore;
            var pattern = WithSinks(arguments, own).Softmax().Slice(-1, 0, count) * visible;
            return Widened(pattern.Reshape([heads, rows, count]).Transpose(0, 1), layout.LongestKey, 0);
        });
    }

    /// <summary>What heads read by a pattern: pattern · values, what <see cref="Attention"/> gives for its own pattern.</summary>
    /// <param name="pattern">[rows, heads, keys of the longest sequence].</param>
    /// <param name="values">[keys, key heads, head size].</param>
    /// <param name="layout">Where sequences begin and end in rows and keys.</param>
    /// <param name="dropoutProbability">0 ≤ p &lt; 1, of each weight.</param>
    /// <param name="dropout">Draws the dropped weights, the same as in <see cref="Attention"/>.</param>
    /// <returns>[rows, heads, head size].</returns>
    public static Tensor AttentionRead(Tensor pattern, Tensor values, SequenceLayout layout, double dropoutProbability = 0, RandomStream dropout = default)
    {
        RequireInside(pattern, layout, nameof(pattern));
        values = values.ForCompute();
        var (heads, keyHeads, size) = (pattern.Shape[1], values.Shape[1], values.Shape[2]);
        if (heads % keyHeads != 0 || values.Shape[0] != layout.KeyCount) throw new ArgumentException($"A pattern {pattern.Shape} does not fit values {values.Shape}.", nameof(values));
        var arguments = new AttentionArguments(pattern, pattern, pattern, layout, AttentionWindow.Full, 1, dropoutProbability, dropout);
        return EachSequence(layout, (s, rows, first, count) =>
        {
            var weights = pattern.Slice(0, layout.QueryOffsets[s], rows).Slice(2, 0, count).Transpose(0, 1);
            if (Masks(arguments, s, rows, count, pattern.DType, pattern.Device).Kept is { } kept) weights *= kept.Reshape([heads, rows, count]);
            var v = values.Slice(0, first, count).Transpose(0, 1).Reshape([keyHeads, 1, count, size]);
            return weights.Reshape([keyHeads, heads / keyHeads, rows, count]).MatMul(v).Reshape([heads, rows, size]).Transpose(0, 1);
        });
    }

    private static Tensor EachSequence(SequenceLayout layout, Func<int, int, int, int, Tensor> part)
    {
        var parts = new Tensor[layout.Count];
        for (var s = 0; s < parts.Length; s++)
            parts[s] = part(s, layout.QueryOffsets[s + 1] - layout.QueryOffsets[s], layout.KeyOffsets[s], layout.KeyOffsets[s + 1] - layout.KeyOffsets[s]);
        return parts.Length == 1 ? parts[0].Contiguous() : Concatenate(0, parts);
    }

    private static Tensor Widened(Tensor x, int width, double filling)
    {
        var (rows, heads, count) = x.Shape;
        return count == width ? x : Concatenate(-1, [x, Tensor.Full([rows, heads, width - count], filling, x.DType, x.Device)]);
    }

    private static void RequireInside(Tensor x, SequenceLayout layout, string name)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(layout);
        if (x.Rank != 3 || x.Shape[0] != layout.QueryCount || x.Shape[2] != layout.LongestKey)
            throw new ArgumentException($"Inside attention there are [{layout.QueryCount} rows, heads, {layout.LongestKey} keys of the longest sequence]; the shape is {x.Shape}.", name);
    }
}
