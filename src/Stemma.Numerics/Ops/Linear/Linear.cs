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
        x = x.ForActivation();
        weight = weight.ForCompute();
        bias = bias?.ForCompute();
        var (outputSize, inputSize) = weight.Shape;
        if ((x.DType != weight.DType && x.DType != DType.BFloat16) || (bias is not null && bias.DType != weight.DType)) throw new ArgumentException($"Element types {x.DType}, {weight.DType} and {bias?.DType} do not mix; use Cast.");
        if (x.Rank < 1 || x.Shape[-1] != inputSize) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes [.., {inputSize}]; got {x.Shape}.", nameof(x));
        if (bias is not null && bias.Shape != [outputSize]) throw new ArgumentException($"A linear layer with weight {weight.Shape} takes a bias of shape [{outputSize}]; got {bias.Shape}.", nameof(bias));
        var rows = x.Reshape(checked((int)(inputSize == 0 ? 0 : x.Count / inputSize)), inputSize);
        var y = Tensor.Empty([rows.Shape[0], outputSize], output ?? weight.DType, x.Device);
        x.Device.Backend.MatMul(rows, weight.TransposedView(), y, bias?.Contiguous(), accumulate: false);
        var result = Tape.Record(y, [rows, weight, bias], [rows, weight], (rows, weight, bias), static (s, dy) =>
        [
            s.rows.RequiresGradient ? Product(dy, s.weight, s.rows.DType) : null,
            s.weight.RequiresGradient ? Product(Tape.IsHigherOrder ? dy.Transposed : dy.TransposedView(), s.rows, s.weight.DType) : null,
            s.bias is { RequiresGradient: true } ? ColumnSum(dy, s.bias.DType) : null,
        ]);
        return x.Rank == 2 ? result : result.Reshape(x.Shape.With(-1, outputSize));
    }

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
