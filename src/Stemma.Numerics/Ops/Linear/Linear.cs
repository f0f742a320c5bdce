using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x·weightᵀ + bias.</summary>
    /// <param name="x">[.., input].</param>
    /// <param name="weight">[output, input].</param>
    /// <param name="bias">[output], or none.</param>
    /// <returns>[.., output].</returns>
    public static Tensor Linear(this Tensor x, Tensor weight, Tensor? bias = null)
    {
        x = x.ForCompute();
        weight = weight.ForCompute();
        bias = bias?.ForCompute();
        var (outputSize, inputSize) = weight.Shape;
        if (x.DType != weight.DType || (bias is not null && bias.DType != x.DType)) throw new ArgumentException($"Element types {x.DType}, {weight.DType} and {bias?.DType} do not mix; use Cast.");
        if (x.Rank < 1 || x.Shape[-1] != inputSize) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes [.., {inputSize}]; got {x.Shape}.", nameof(x));
        if (bias is not null && bias.Shape != [outputSize]) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes a bias of shape [{outputSize}]; got {bias.Shape}.", nameof(bias));
        var rows = x.Reshape(checked((int)(inputSize == 0 ? 0 : x.Count / inputSize)), inputSize);
        var y = Tensor.Empty([rows.Shape[0], outputSize], x.DType, x.Device);
        x.Device.Backend.MatMul(rows, weight.TransposedView(), y, bias?.Contiguous(), accumulate: false);
        ReadOnlySpan<Tensor> inputs = bias is null ? [rows, weight] : [rows, weight, bias];
        var result = Tape.Record(y, inputs, [rows, weight], dy =>
        [
            rows.RequiresGradient ? dy.MatMul(weight) : null,
            weight.RequiresGradient ? dy.Transposed.MatMul(rows) : null,
            bias is { RequiresGradient: true } ? dy.Sum(0) : null,
        ]);
        return x.Rank == 2 ? result : result.Reshape(x.Shape.With(-1, outputSize));
    }
}
