using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Scaled dot-product attention, softmax(Q·Kᵀ·scale)·V per head (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), without ever
    /// holding a rows × keys matrix (Dao et al. 2022, arXiv:2205.14135). Fewer key heads than heads is grouped-query attention.
    /// </summary>
    /// <param name="queries">[rows, heads, head size].</param>
    /// <param name="keys">[keys, key heads, head size].</param>
    /// <param name="values">[keys, key heads, head size].</param>
    /// <param name="layout">Where sequences begin and end in rows and keys.</param>
    /// <param name="window">Which keys a query sees. A query that sees none gives zeros.</param>
    /// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
    /// <param name="dropoutProbability">0 ≤ p &lt; 1, of each attention weight.</param>
    /// <param name="dropout">Draws the dropped weights.</param>
    /// <param name="scores">What happens to scores before the softmax; null for nothing.</param>
    /// <returns>[rows, heads, head size].</returns>
    /// <exception cref="ArgumentException">Shapes, the layout or the description do not fit each other.</exception>
    public static Tensor Attention(
        Tensor queries, Tensor keys, Tensor values, SequenceLayout layout, AttentionWindow window, double? scale = null, double dropoutProbability = 0, RandomStream dropout = default, ScoreDescription? scores = null)
    {
        queries = WithContiguousHeads(queries.ForCompute());
        keys = WithContiguousHeads(keys.ForCompute());
        values = WithContiguousHeads(values.ForCompute());
        RequireFit(queries, keys, values, layout, dropoutProbability);
        scores = Fitting(scores, queries.Shape[1]);
        var arguments = new AttentionArguments(queries, keys, values, layout, window, scale ?? 1 / Math.Sqrt(queries.Shape[2]), dropoutProbability, dropout, scores);
        if (Tape.IsHigherOrder) return AttentionComposed(arguments);
        var (bias, sinks) = (scores?.Bias?.Table, scores?.Sinks);
        if (Tape.Records(queries, keys, values, bias, sinks)) arguments = arguments with { Kept = queries.Device.Backend.RoomForKept(arguments) };
        var (y, logSumExp) = Attend(arguments);
        return Tape.Record(y, [queries, keys, values, bias, sinks], [queries, keys, values, y, logSumExp, bias, sinks, arguments.Kept], dy =>
        {
            dy = dy.Contiguous();
            Tensor dq = Tensor.Empty(queries.Shape, y.DType, y.Device), dk = Tensor.Empty(keys.Shape, y.DType, y.Device), dv = Tensor.Empty(values.Shape, y.DType, y.Device);
            var dbias = bias is { RequiresGradient: true } ? Tensor.Empty(bias.Shape, y.DType, y.Device) : null;
            y.Device.Backend.AttentionGradient(arguments, y, logSumExp, dy, dq, dk, dv, dbias);
            return [dq, dk, dv, dbias, sinks is { RequiresGradient: true } ? SinkGradient(sinks, y, logSumExp, dy) : null];
        });
    }

    /// <summary>A sink's probability is exp(sink − log-sum-exp), and what it takes away from the others is Σ y ⊙ dy.</summary>
    private static Tensor SinkGradient(Tensor sinks, Tensor y, Tensor logSumExp, Tensor dy) => -((sinks - logSumExp).Exp() * (y * dy).Sum(-1)).Sum(0);

    private static ScoreDescription? Fitting(ScoreDescription? scores, int heads)
    {
        if (scores is null or { SoftCap: null, Bias: null, Sinks: null, Pattern: null }) return null;
        if (scores.SoftCap is <= 0 or double.NaN) throw new ArgumentException($"Scores are capped at a positive number, not at {scores.SoftCap}.", nameof(scores));
        if (scores.Bias is { } bias && (bias.Table.Rank != 2 || bias.Table.Shape[0] != heads || bias.Table.Shape[1] == 0))
            throw new ArgumentException($"A bias by distance is [heads, distances], here [{heads}, at least 1]; got {bias.Table.Shape}.", nameof(scores));
        if (scores.Sinks is { } sinks && sinks.Shape != [heads]) throw new ArgumentException($"Sinks are one per head, [{heads}]; got {sinks.Shape}.", nameof(scores));
        return scores with
        {
            Bias = scores.Bias is { } given ? given with { Table = given.Table.ForCompute().Contiguous() } : null,
            Sinks = scores.Sinks?.ForCompute().Contiguous(),
        };
    }

    private static void RequireFit(Tensor queries, Tensor keys, Tensor values, SequenceLayout layout, double dropoutProbability)
    {
        var (rows, heads, size) = queries.Shape;
        var (keyCount, keyHeads, _) = keys.Shape;
        if (keys.Shape != values.Shape || keys.Shape[2] != size || keyHeads == 0 || heads % keyHeads != 0)
            throw new ArgumentException($"Queries {queries.Shape} do not fit keys {keys.Shape} and values {values.Shape}: head sizes must agree and the heads be a multiple of the key heads.");
        if (layout.QueryCount != rows || layout.KeyCount != keyCount)
            throw new ArgumentException($"The layout holds {layout.QueryCount} rows and {layout.KeyCount} keys; the tensors {rows} and {keyCount}.", nameof(layout));
        if (dropoutProbability is < 0 or >= 1 or double.NaN) throw new ArgumentOutOfRangeException(nameof(dropoutProbability), dropoutProbability, "A dropout probability lies in [0, 1).");
    }

    private static (Tensor Y, Tensor LogSumExp) Attend(in AttentionArguments arguments)
    {
        var queries = arguments.Queries;
        var y = Tensor.Empty(queries.Shape, queries.DType, queries.Device);
        var logSumExp = Tensor.Empty([queries.Shape[0], queries.Shape[1]], queries.DType, queries.Device);
        queries.Device.Backend.Attention(arguments, y, logSumExp);
        return (y, logSumExp);
    }

    /// <summary><see cref="Attention"/> of plain operations: every score and weight is there to look at.</summary>
    internal static Tensor AttentionComposed(in AttentionArguments arguments)
    {
        var (layout, window) = (arguments.Layout, arguments.Window);
        var heads = arguments.Queries.Shape[1];
        var (_, keyHeads, size) = arguments.Keys.Shape;
        var outputs = new Tensor[layout.Count];
        for (var s = 0; s < layout.Count; s++)
        {
            var (queryStart, queryCount) = (layout.QueryOffsets[s], layout.QueryOffsets[s + 1] - layout.QueryOffsets[s]);
            var (keyStart, keyCount) = (layout.KeyOffsets[s], layout.KeyOffsets[s + 1] - layout.KeyOffsets[s]);
            // [key heads, group, rows, size] against [key heads, 1, keys, size]
            var q = arguments.Queries.Slice(0, queryStart, queryCount).Transpose(0, 1).Reshape([keyHeads, heads / keyHeads, queryCount, size]);
            var k = arguments.Keys.Slice(0, keyStart, keyCount).Transpose(0, 1).Reshape([keyHeads, 1, keyCount, size]);
            var v = arguments.Values.Slice(0, keyStart, keyCount).Transpose(0, 1).Reshape([keyHeads, 1, keyCount, size]);
            var (visible, kept) = Masks(arguments, s, queryCount, keyCount, q.DType, q.Device);
            // Hidden scores become very negative, not -infinity, and their weights exactly 0: a row that sees nothing gives zeros.
            var scores = Described(arguments, q.MatMul(k.Transposed) * arguments.Scale) * visible + (visible - 1) * 1e30;
            var weights = WithSinks(arguments, scores).Softmax().Slice(-1, 0, keyCount) * visible;
            if (kept is not null) weights *= kept;
            outputs[s] = weights.MatMul(v).Reshape([heads, queryCount, size]).Transpose(0, 1);
        }
        return layout.Count == 0 ? arguments.Queries : Concatenate(0, outputs);
    }

    /// <summary>[key heads, group, rows, keys], capped and biased.</summary>
    private static Tensor Described(in AttentionArguments arguments, Tensor scores)
    {
        if (arguments.Scores?.SoftCap is { } cap) scores = (scores / cap).Tanh() * cap;
        if (arguments.Scores?.Bias is not { } bias) return scores;
        var (keyHeads, group, rows, keys) = scores.Shape;
        var columns = new int[rows * keys];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < keys; j++) columns[i * keys + j] = bias.Column(keys - rows + i - j);
        return scores + bias.Table.Transposed.Gather(Tensor.From(columns, [columns.Length], scores.Device)).Transposed.Reshape([keyHeads, group, rows, keys]);
    }

    /// <summary>One more key that has the sink as its score.</summary>
    private static Tensor WithSinks(in AttentionArguments arguments, Tensor scores)
    {
        if (arguments.Scores?.Sinks is not { } sinks) return scores;
        var (keyHeads, group, rows, _) = scores.Shape;
        return Concatenate(-1, [scores, sinks.Reshape([keyHeads, group, 1, 1]).BroadcastTo([keyHeads, group, rows, 1])]);
    }

    private static (Tensor Visible, Tensor? Kept) Masks(in AttentionArguments arguments, int sequence, int queryCount, int keyCount, DType dtype, Device device)
    {
        var (heads, keyHeads) = (arguments.Queries.Shape[1], arguments.Keys.Shape[1]);
        var visible = new double[queryCount * keyCount];
        var kept = arguments.DropoutProbability > 0 ? new double[heads * queryCount * keyCount] : null;
        var threshold = RandomStream.DropoutThreshold(arguments.DropoutProbability);
        var blocks = arguments.Blocks(sequence);
        for (var i = 0; i < queryCount; i++)
        {
            for (var j = 0; j < keyCount; j++)
            {
                if (arguments.Layout.Sees(arguments.Window, sequence, keyCount - queryCount + i, j) && blocks?.Sees(keyCount - queryCount + i, j) != false) visible[i * keyCount + j] = 1;
                for (var h = 0; kept is not null && h < heads; h++)
                    if (arguments.Dropout.Bits(AttentionArguments.DropoutPosition(sequence, h, keyCount - queryCount + i, j)) >= threshold) kept[(h * queryCount + i) * keyCount + j] = 1 / (1 - arguments.DropoutProbability);
            }
        }
        return (Tensor.From(visible, [queryCount, keyCount], device).Cast(dtype),
            kept is null ? null : Tensor.From(kept, [keyHeads, heads / keyHeads, queryCount, keyCount], device).Cast(dtype));
    }

    private static Tensor WithContiguousHeads(Tensor x) => (x.Shape[-1] == 1 || x.Strides[x.Rank - 1] == 1) && x.Strides[0] > 0 ? x : x.Contiguous();
}
