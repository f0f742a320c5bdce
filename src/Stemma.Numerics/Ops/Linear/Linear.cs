using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x·weightᵀ + bias.</summary>
    /// <param name="x">[.., input].</param>
    /// <param name="weight">[output, input].</param>
    /// <param name="bias">[output], or none.</param>
    /// <param name="output">How the result is stored: the weight's type when null, or <see cref="Device.ActivationType"/>.</param>
    /// <returns>[.., output].</returns>
    public static Tensor Linear(this Tensor x, Tensor weight, Tensor? bias = null, DType? output = null)
    {
        (x, weight, bias) = ForLinear(x, weight, bias);
        var rows = Rows(x);
        var y = Tensor.Empty([rows.Shape[0], weight.Shape[0]], output ?? weight.DType, x.Device);
        x.Device.Backend.MatMul(rows, weight.TransposedView(), y, bias, accumulate: false);
        var result = Tape.Record(y, [rows, weight, bias], [rows, weight], (rows, weight, bias), static (s, dy) =>
        [
            RowsGradient(dy, s.rows, s.weight),
            WeightGradient(dy, s.rows, s.weight),
            BiasGradient(dy, s.bias),
        ]);
        return x.Rank == 2 ? result : result.Reshape(x.Shape.With(-1, weight.Shape[0]));
    }

    private static (Tensor X, Tensor Weight, Tensor? Bias) ForLinear(Tensor x, Tensor weight, Tensor? bias)
    {
        x = x.ForActivation();
        weight = weight.ForCompute();
        bias = bias?.ForCompute();
        var (outputSize, inputSize) = weight.Shape;
        if ((x.DType != weight.DType && x.DType != DType.BFloat16) || (bias is not null && bias.DType != weight.DType)) throw new ArgumentException($"Element types {x.DType}, {weight.DType} and {bias?.DType} do not mix; use Cast.");
        if (x.Rank < 1 || x.Shape[-1] != inputSize) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes [.., {inputSize}]; got {x.Shape}.", nameof(x));
        if (bias is not null && bias.Shape != [outputSize]) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes a bias of shape [{outputSize}]; got {bias.Shape}.", nameof(bias));
        return (x, weight, bias?.Contiguous());
    }

    /// <summary>The tensor as [rows, size of its last axis].</summary>
    private static Tensor Rows(Tensor x) => x.Reshape(checked((int)x.Shape.Without(-1).Count), x.Shape[-1]);

    private static Tensor? RowsGradient(Tensor dy, Tensor rows, Tensor weight) => rows.RequiresGradient ? Product(dy, weight, rows.DType) : null;

    private static Tensor? WeightGradient(Tensor dy, Tensor rows, Tensor weight) =>
        weight.RequiresGradient ? Product(Tape.IsHigherOrder ? dy.Transposed : dy.TransposedView(), rows, weight.DType) : null;

    private static Tensor? BiasGradient(Tensor dy, Tensor? bias) => bias is { RequiresGradient: true } ? ColumnSum(dy, bias.DType) : null;

    // a·b stored as asked; recorded where gradients of gradients are wanted, when there is one type only.
    private static Tensor Product(Tensor a, Tensor b, DType dtype)
    {
        if (Tape.IsHigherOrder) return a.MatMul(b);
        var y = Tensor.Empty([a.Shape[0], b.Shape[1]], dtype, a.Device);
        a.Device.Backend.MatMul(a, b, y, null, accumulate: false);
        return y;
    }

    private static Tensor ColumnSum(Tensor x, DType dtype)
    {
        if (Tape.IsHigherOrder) return x.Sum(0);
        var sum = Tensor.Empty([x.Shape[1]], dtype, x.Device);
        x.Device.Backend.Reduce<SumKernel>(x.Contiguous(), 1, x.Shape[0], x.Shape[1], sum);
        return sum;
    }
}
