using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Losses;

/// <summary>The cost of telling two classes apart by one number.</summary>
public static class BinaryCrossEntropy
{
    /// <summary>The mean of −ln σ(x) where the label is 1 and −ln σ(−x) where it is 0, in nats; computed without overflow.</summary>
    /// <param name="logits">[rows].</param>
    /// <param name="labels">0 or 1 for each row; another number does not count.</param>
    /// <param name="divisor">Divides the sum; the number of rows that count when null.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Of(Tensor logits, ReadOnlySpan<int> labels, double? divisor = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.Shape != [labels.Length]) throw new ArgumentException($"Logits {logits.Shape} take {logits.Shape} labels; got {labels.Length}.", nameof(labels));
        float[] target = new float[labels.Length], counts = new float[labels.Length];
        var counted = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] is not (0 or 1)) continue;
            (target[row], counts[row]) = (labels[row], 1);
            counted++;
        }
        var (y, used) = (Tensor.From(target, [labels.Length], logits.Device).Cast(logits.DType), Tensor.From(counts, [labels.Length], logits.Device).Cast(logits.DType));
        var losses = logits.Relu() - logits * y + ((-logits.Abs()).Exp() + 1).Log();
        return (losses * used).Sum() / (divisor ?? Math.Max(1, counted));
    }
}
