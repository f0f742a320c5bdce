using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// <see cref="Attention"/> of queries, keys and values that stand in one tensor, as one projection gives them; their gradients are
    /// written straight into one tensor too, instead of being added up from three padded with zeros.
    /// </summary>
    /// <param name="qkv">[rows, 3, heads, head size]: queries, keys, values.</param>
    /// <param name="layout">Where sequences begin and end; as many keys as rows.</param>
    /// <param name="window">Which keys a query sees. A query that sees none gives zeros.</param>
    /// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
    /// <param name="dropoutProbability">0 ≤ p &lt; 1, of each attention weight.</param>
    /// <param name="dropout">Draws the dropped weights.</param>
    /// <returns>[rows, heads, head size].</returns>
    /// <exception cref="ArgumentException"><paramref name="qkv"/> has another shape, or the layout other rows.</exception>
    public static Tensor SelfAttention(
        Tensor qkv, SequenceLayout layout, AttentionWindow window, double? scale = null, double dropoutProbability = 0, RandomStream dropout = default)
    {
        ArgumentNullException.ThrowIfNull(qkv);
        if (qkv.Rank != 4 || qkv.Shape[1] != 3) throw new ArgumentException($"Queries, keys and values stand as [rows, 3, heads, head size]; the shape is {qkv.Shape}.", nameof(qkv));
        if (Tape.IsHigherOrder) return Attention(qkv.Select(1, 0), qkv.Select(1, 1), qkv.Select(1, 2), layout, window, scale, dropoutProbability, dropout);
        qkv = WithContiguousHeads(qkv.ForCompute());
        var (queries, keys, values) = (Part(qkv, 0), Part(qkv, 1), Part(qkv, 2));
        RequireFit(queries, keys, values, layout, dropoutProbability);
        var arguments = new AttentionArguments(queries, keys, values, layout, window, scale ?? 1 / Math.Sqrt(qkv.Shape[3]), dropoutProbability, dropout);
        if (Tape.Records(qkv)) arguments = arguments with { Kept = qkv.Device.Backend.RoomForKept(arguments) };
        var (y, logSumExp) = Attend(arguments);
        return Tape.Record(y, [qkv], [qkv, y, logSumExp, arguments.Kept], (arguments, qkv, y, logSumExp), static (s, dy) =>
        {
            var dqkv = Tensor.Empty(s.qkv.Shape, s.y.DType, s.y.Device);
            s.y.Device.Backend.AttentionGradient(s.arguments, s.y, s.logSumExp, dy.Contiguous(), Part(dqkv, 0), Part(dqkv, 1), Part(dqkv, 2), null);
            return [dqkv];
        });
    }

    /// <summary>Queries, keys or values of all heads, [rows, heads, head size]; a view unknown to the tape.</summary>
    private static Tensor Part(Tensor qkv, int index)
    {
        var (rows, _, heads, size) = qkv.Shape;
        return qkv.View(qkv.Offset + index * qkv.Strides[1], [rows, heads, size], new([qkv.Strides[0], qkv.Strides[2], qkv.Strides[3]]));
    }
}
