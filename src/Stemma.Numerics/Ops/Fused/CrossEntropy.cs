using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The target that does not count.</summary>
    public const int IgnoreIndex = -100;

    /// <summary>The mean over the rows that count of −ln softmax(logits)[target], in nats.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="targets">int32 [rows]; <see cref="IgnoreIndex"/> does not count.</param>
    /// <param name="labelSmoothing">ε in [0, 1): the target distribution is (1 − ε) on the target and ε spread over all (Szegedy et al. 2015, arXiv:1512.00567).</param>
    /// <param name="divisor">Divides the sum; the number of rows that count when null. Parts of one batch share the whole batch's.</param>
    public static Tensor CrossEntropy(this Tensor logits, Tensor targets, double labelSmoothing = 0, double? divisor = null)
    {
        var scale = 1 / (divisor ?? CountedRows(logits, targets));
        if (Tape.IsHigherOrder) return CrossEntropyRowsComposed(logits, targets, labelSmoothing).Sum() * scale;
        logits = logits.ForCompute().Contiguous();
        var losses = Tensor.Empty(targets.Shape, logits.DType, logits.Device);
        var gradient = Tape.Records(logits) ? Tensor.Empty(logits.Shape, logits.DType, logits.Device) : null;
        logits.Device.Backend.CrossEntropy(logits, targets, IgnoreIndex, labelSmoothing, losses, scale, gradient);
        return Tape.Record(losses.Sum() * scale, [logits], gradient is null ? [] : [gradient], dy => [gradient! * dy]);
    }

    /// <summary>−ln softmax(logits)[target] of every row, in nats; 0 where the target does not count.</summary>
    /// <returns>[rows].</returns>
    public static Tensor CrossEntropyRows(this Tensor logits, Tensor targets, double labelSmoothing = 0)
    {
        CountedRows(logits, targets);
        if (Tape.IsHigherOrder) return CrossEntropyRowsComposed(logits, targets, labelSmoothing);
        logits = logits.ForCompute().Contiguous();
        var losses = Tensor.Empty(targets.Shape, logits.DType, logits.Device);
        logits.Device.Backend.CrossEntropy(logits, targets, IgnoreIndex, labelSmoothing, losses, 1, null);
        return Tape.Record(losses, [logits, targets], [logits, targets], dy =>
        {
            var gradient = Tensor.Empty(logits.Shape, logits.DType, logits.Device);
            logits.Device.Backend.CrossEntropy(logits, targets, IgnoreIndex, labelSmoothing, Tensor.Empty(targets.Shape, logits.DType, logits.Device), 1, gradient);
            return [gradient * dy.Reshape(dy.Shape[0], 1), null];
        });
    }

    /// <summary><see cref="CrossEntropyRows"/> of plain operations.</summary>
    internal static Tensor CrossEntropyRowsComposed(Tensor logits, Tensor targets, double labelSmoothing)
    {
        var (rows, vocab) = logits.Shape;
        var weights = new double[rows * vocab];
        var ids = targets.Span<int>();
        for (var i = 0; i < rows; i++)
        {
            if (ids[i] == IgnoreIndex) continue;
            weights.AsSpan(i * vocab, vocab).Fill(labelSmoothing / vocab);
            weights[i * vocab + ids[i]] += 1 - labelSmoothing;
        }
        return -(logits.LogSoftmaxComposed() * Tensor.From(weights, [rows, vocab], logits.Device).Cast(logits.DType)).Sum(1);
    }

    private static int CountedRows(Tensor logits, Tensor targets)
    {
        var (rows, vocab) = logits.Shape;
        if (targets.Shape != [rows]) throw new ArgumentException($"Logits {logits.Shape} take targets of shape [{rows}]; got {targets.Shape}.", nameof(targets));
        return CountedTargets(targets, vocab);
    }

    private static int CountedTargets(Tensor targets, int vocab)
    {
        var counted = 0;
        foreach (var id in targets.Span<int>())
        {
            if (id == IgnoreIndex) continue;
            if ((uint)id >= (uint)vocab) throw new ArgumentOutOfRangeException(nameof(targets), $"Target {id} lies outside a vocabulary of {vocab}.");
            counted++;
        }
        return counted;
    }
}
