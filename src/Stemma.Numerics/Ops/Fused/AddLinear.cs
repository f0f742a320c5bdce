using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>residual + dropout(x·weightᵀ + bias): what the output projection of a block adds to the residual stream, as part of its product.</summary>
    /// <param name="residual">[.., output].</param>
    /// <param name="x">[.., input].</param>
    /// <param name="weight">[output, input].</param>
    /// <param name="bias">[output], or none.</param>
    /// <param name="probability">0 ≤ p &lt; 1, see <see cref="Dropout"/>.</param>
    /// <param name="stream">A stream of its own for each use.</param>
    /// <returns>[.., output]: the bits of <see cref="AddDropout"/> of <see cref="Linear"/>, stored as <see cref="Device.ActivationType"/>.</returns>
    public static Tensor AddLinear(this Tensor residual, Tensor x, Tensor weight, Tensor? bias = null, double probability = 0, RandomStream stream = default)
    {
        if (Tape.IsHigherOrder) return residual.AddDropout(x.Linear(weight, bias), probability, stream);
        RequireDropout(probability);
        (x, weight, bias) = ForLinear(x, weight, bias);
        residual = ForResidual(residual, x, weight);
        var (rows, sums, product) = (Rows(x), Rows(residual), ProductType(weight));
        var y = Tensor.Empty(sums.Shape, sums.DType, x.Device);
        x.Device.Backend.MatMulDropout(rows, weight.TransposedView(), bias, product, probability, stream, sums, y);
        var result = Tape.Record(y, [sums, rows, weight, bias], [rows, weight], (sums, rows, weight, bias, product, probability, stream), static (s, dy) =>
        {
            var dproduct = DropoutGradient(dy, s.product, s.probability, s.stream);
            return [s.sums.RequiresGradient ? dy : null, RowsGradient(dproduct, s.rows, s.weight), WeightGradient(dproduct, s.rows, s.weight), BiasGradient(dproduct, s.bias)];
        });
        return residual.Rank == 2 ? result : result.Reshape(residual.Shape);
    }

    // What an activation that comes out of a product is stored as.
    private static DType ProductType(Tensor weight) => weight.DType == DType.Float32 ? weight.Device.ActivationType : weight.DType;

    private static Tensor ForResidual(Tensor residual, Tensor x, Tensor weight)
    {
        residual = residual.ForCompute().Contiguous();
        if (residual.DType != weight.DType) throw new ArgumentException($"Element types {residual.DType} and {weight.DType} do not mix; use Cast.", nameof(residual));
        var shape = x.Shape.With(-1, weight.Shape[0]);
        if (residual.Shape != shape) throw new ArgumentException($"What is added to a residual stream of shape {residual.Shape} has the same shape; the product has {shape}.", nameof(residual));
        return residual;
    }

    // The gradient of what was dropped from, in its own type.
    private static Tensor DropoutGradient(Tensor dy, DType dtype, double probability, RandomStream stream)
    {
        if (probability == 0 && dy.DType == dtype) return dy;
        var dx = Tensor.Empty(dy.Shape, dtype, dy.Device);
        dy.Device.Backend.Dropout(dy.Contiguous(), probability, stream, null, dx);
        return dx;
    }
}
