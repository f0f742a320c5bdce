using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    private const long LogitsPerChunk = 1 << 20;

    /// <summary>
    /// The cross-entropy of x·weightᵀ without ever holding the logits of all rows: a chunk of rows is projected, turned into its
    /// gradient in place, multiplied back into the gradients of x and weight, and forgotten.
    /// </summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="weight">[vocab, hidden]: the output projection.</param>
    /// <param name="targets">int32 [rows]; <see cref="IgnoreIndex"/> does not count.</param>
    /// <param name="labelSmoothing">See <see cref="CrossEntropy"/>.</param>
    /// <param name="divisor">Divides the sum; the number of rows that count when null.</param>
    /// <returns>A scalar, nats.</returns>
    public static Tensor LinearCrossEntropy(this Tensor x, Tensor weight, Tensor targets, double labelSmoothing = 0, double? divisor = null)
    {
        if (Tape.IsHigherOrder) return x.Linear(weight).CrossEntropy(targets, labelSmoothing, divisor);
        x = x.ForActivation().Contiguous();
        weight = weight.ForCompute().Contiguous();
        var ((rows, hidden), vocab) = (x.Shape, weight.Shape[0]);
        if (targets.Shape != [rows] || weight.Shape != [vocab, hidden]) throw new ArgumentException($"Rows {x.Shape}, projection {weight.Shape} and targets {targets.Shape} do not fit.");
        var scale = 1 / (divisor ?? CountedTargets(targets, vocab));
        var records = Tape.Records(x, weight);
        var backend = x.Device.Backend;
        var losses = Tensor.Empty([rows], weight.DType, x.Device);
        var dx = records ? Tensor.Empty(x.Shape, weight.DType, x.Device) : null;
        var dweight = records ? Tensor.Zeros(weight.Shape, weight.DType, x.Device) : null;
        // A chunk's size is a function of the vocabulary alone, so the order of every sum is too.
        var chunk = (int)Math.Clamp(LogitsPerChunk / Math.Max(vocab, 1), 64, 4096);
        using (Tape.Pause())
        {
            for (var start = 0; start < rows; start += chunk)
            {
                using var temporaries = Memory.Scope();
                var count = Math.Min(chunk, rows - start);
                var rowsHere = x.Detach().Slice(0, start, count);
                var logits = Tensor.Empty([count, vocab], weight.DType, x.Device);
                backend.MatMul(rowsHere, weight.TransposedView(), logits, null, accumulate: false);
                backend.CrossEntropy(logits, targets.Slice(0, start, count), IgnoreIndex, labelSmoothing, losses.Slice(0, start, count), scale, records ? logits : null);
                if (!records) continue;
                backend.MatMul(logits, weight.Detach(), dx!.Slice(0, start, count), null, accumulate: false);
                backend.MatMul(logits.Transposed, rowsHere, dweight!, null, accumulate: true);
            }
        }
        return Tape.Record(losses.Sum() * scale, [x, weight], [dx, dweight], (dx, dweight), static (s, dy) => [s.dx! * dy, s.dweight! * dy]);
    }
}
