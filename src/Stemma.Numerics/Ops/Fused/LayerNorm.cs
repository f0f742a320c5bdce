using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>(x − mean) / √(variance + ε) · weight + bias over the last axis, biased variance. Ba et al. 2016, arXiv:1607.06450.</summary>
    /// <param name="x">[.., size].</param>
    /// <param name="weight">[size], or none for 1.</param>
    /// <param name="bias">[size], or none for 0.</param>
    /// <param name="epsilon">ε &gt; 0.</param>
    /// <param name="output">How the result is stored: x's type when null, or <see cref="Device.ActivationType"/>.</param>
    public static Tensor LayerNorm(this Tensor x, Tensor? weight, Tensor? bias, double epsilon = 1e-5, DType? output = null)
    {
        if (Tape.IsHigherOrder) return x.LayerNormComposed(weight, bias, epsilon);
        x = x.ForCompute().Contiguous();
        weight = weight?.ForCompute().Contiguous();
        bias = bias?.ForCompute().Contiguous();
        Shape size = [x.Shape[-1]], rows = x.Shape.Without(-1);
        if ((weight is not null && weight.Shape != size) || (bias is not null && bias.Shape != size))
            throw new ArgumentException($"LayerNorm over {x.Shape} takes weight and bias of shape {size}; got {weight?.Shape} and {bias?.Shape}.");
        var y = Tensor.Empty(x.Shape, output ?? x.DType, x.Device);
        var (mean, rstd) = (Tensor.Empty(rows, x.DType, x.Device), Tensor.Empty(rows, x.DType, x.Device));
        x.Device.Backend.LayerNorm(x, weight, bias, epsilon, y, mean, rstd);
        return Tape.Record(y, [x, weight, bias], [mean, rstd, x, weight, bias], (x, weight, bias, epsilon, y, mean, rstd), static (s, dy) =>
        {
            dy = dy.Contiguous();
            // The residual stream's gradient takes this one in as it is made.
            var sum = Tape.SumSoFar(s.x);
            var dx = sum ?? Tape.InPlaceOrEmpty(dy, s.x.DType);
            var dweight = s.weight is null ? null : Tensor.Empty(s.weight.Shape, s.x.DType, s.x.Device);
            var dbias = s.bias is null ? null : Tensor.Empty(s.bias.Shape, s.x.DType, s.x.Device);
            s.x.Device.Backend.LayerNormGradient(s.x, s.weight, s.mean, s.rstd, dy, dx, accumulate: sum is not null, dweight, dbias);
            return [sum is null ? dx : null, dweight, dbias];
        }, static s => s.x.Device.Backend.LayerNorm(s.x, s.weight, s.bias, s.epsilon, s.y, s.mean, s.rstd));
    }

    /// <summary><see cref="LayerNorm"/> of plain operations.</summary>
    internal static Tensor LayerNormComposed(this Tensor x, Tensor? weight, Tensor? bias, double epsilon)
    {
        var centred = x - x.Mean(-1, keepAxis: true);
        var y = centred / (centred.Square().Mean(-1, keepAxis: true) + epsilon).Sqrt();
        if (weight is not null) y *= weight;
        return bias is null ? y : y + bias;
    }
}
