using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    private const long LogitsPerChunk = 1 << 20;

    // With fewer rows at a time, reading and packing the projection takes longer than multiplying by it.
    private const int LeastRowsPerChunk = 256;

    /// <summary>
    /// The cross-entropy of x·weightᵀ + bias without ever holding the logits of all rows: a chunk of rows is projected, turned into its
    /// gradient in place, multiplied back into the gradients of x, weight and bias, and forgotten.
    /// </summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="weight">[vocab, hidden]: the output projection.</param>
    /// <param name="targets">int32 [rows]; <see cref="IgnoreIndex"/> does not count.</param>
    /// <param name="labelSmoothing">See <see cref="CrossEntropy"/>.</param>
    /// <param name="divisor">Divides the sum; the number of rows that count when null.</param>
    /// <param name="bias">[vocab], or none.</param>
    /// <returns>A scalar, nats.</returns>
    public static Tensor LinearCrossEntropy(this Tensor x, Tensor weight, Tensor targets, double labelSmoothing = 0, double? divisor = null, Tensor? bias = null)
    {
        if (Tape.IsHigherOrder) return x.Linear(weight, bias).CrossEntropy(targets, labelSmoothing, divisor);
        x = x.ForActivation().Contiguous();
        weight = weight.ForCompute().Contiguous();
        bias = bias?.ForCompute().Contiguous();
        var ((rows, hidden), vocab) = (x.Shape, weight.Shape[0]);
        if (targets.Shape != [rows] || weight.Shape != [vocab, hidden] || (bias is not null && bias.Shape != [vocab]))
            throw new ArgumentException($"Rows {x.Shape}, projection {weight.Shape}, bias {bias?.Shape} and targets {targets.Shape} do not fit.");
        var scale = 1 / (divisor ?? CountedTargets(targets, vocab));
        var records = Tape.Records(x, weight, bias);
        var backend = x.Device.Backend;
        var losses = Tensor.Empty([rows], weight.DType, x.Device);
        var dx = records ? Tensor.Empty(x.Shape, weight.DType, x.Device) : null;
        var dweight = !records ? null : rows > 0 ? Tensor.Empty(weight.Shape, weight.DType, x.Device) : Tensor.Zeros(weight.Shape, weight.DType, x.Device);
        // A chunk's size is a function of the vocabulary alone, so the order of every sum is too.
        var chunk = (int)Math.Clamp(LogitsPerChunk / Math.Max(vocab, 1), LeastRowsPerChunk, 4096);
        // A row for each chunk: their sum is the gradient of the bias.
        var dbias = records && bias is not null ? Tensor.Zeros([Math.Max(1, (rows + chunk - 1) / chunk), vocab], weight.DType, x.Device) : null;
        using (Tape.Pause())
        {
            for (var start = 0; start < rows; start += chunk)
            {
                using var temporaries = Memory.Scope();
                var count = Math.Min(chunk, rows - start);
                var rowsHere = x.Detach().Slice(0, start, count);
                var logits = Tensor.Empty([count, vocab], weight.DType, x.Device);
                backend.MatMul(rowsHere, weight.TransposedView(), logits, bias, accumulate: false);
                backend.CrossEntropy(logits, targets.Slice(0, start, count), IgnoreIndex, labelSmoothing, losses.Slice(0, start, count), scale, records ? logits : null);
                if (!records) continue;
                backend.MatMul(logits, weight.Detach(), dx!.Slice(0, start, count), null, accumulate: false);
                backend.MatMul(logits.Transposed, rowsHere, dweight!, null, accumulate: start > 0);
                if (dbias is not null) backend.Reduce<SumKernel>(logits, 1, count, vocab, dbias.Slice(0, start / chunk, 1));
            }
            dbias = dbias?.Sum(0);
        }
        return Tape.Record(
            losses.Sum() * scale, [x, weight, bias], [dx, dweight, dbias], (dx, dweight, dbias),
            static (s, dy) => dy.ToScalar() == 1 ? [s.dx, s.dweight, s.dbias] : [s.dx! * dy, s.dweight! * dy, s.dbias is null ? null : s.dbias * dy]);
    }
}
