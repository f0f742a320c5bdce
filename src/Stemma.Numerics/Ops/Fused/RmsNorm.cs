using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x / √(mean x² + ε) · weight over the last axis. Zhang &amp; Sennrich 2019, arXiv:1910.07467.</summary>
    /// <param name="x">[.., size].</param>
    /// <param name="weight">[size].</param>
    /// <param name="epsilon">ε &gt; 0.</param>
    /// <param name="output">How the result is stored: x's type when null, or <see cref="Device.ActivationType"/>.</param>
    public static Tensor RmsNorm(this Tensor x, Tensor weight, double epsilon = 1e-6, DType? output = null)
    {
        if (Tape.IsHigherOrder) return x.RmsNormComposed(weight, epsilon);
        x = x.ForCompute().Contiguous();
        weight = weight.ForCompute().Contiguous();
        if (weight.Shape != [x.Shape[-1]]) throw new ArgumentException($"RmsNorm over {x.Shape} takes a weight of shape [{x.Shape[-1]}]; got {weight.Shape}.", nameof(weight));
        var y = Tensor.Empty(x.Shape, output ?? x.DType, x.Device);
        var rrms = Tensor.Empty(x.Shape.Without(-1), x.DType, x.Device);
        x.Device.Backend.RmsNorm(x, weight, epsilon, y, rrms);
        return Tape.Record(y, [x, weight], [x, weight, rrms], (x, weight, epsilon, y, rrms), static (s, dy) =>
        {
            dy = dy.Contiguous();
            var sum = Tape.SumSoFar(s.x);
            var dx = sum ?? Tape.InPlaceOrEmpty(dy, s.x.DType);
            var dweight = Tensor.Empty(s.weight.Shape, s.x.DType, s.x.Device);
            s.x.Device.Backend.RmsNormGradient(s.x, s.weight, s.rrms, dy, dx, accumulate: sum is not null, dweight);
            return [sum is null ? dx : null, dweight];
        }, static s => s.x.Device.Backend.RmsNorm(s.x, s.weight, s.epsilon, s.y, s.rrms));
    }

    /// <summary><see cref="RmsNorm"/> of plain operations.</summary>
    internal static Tensor RmsNormComposed(this Tensor x, Tensor weight, double epsilon) =>
        x / (x.Square().Mean(-1, keepAxis: true) + epsilon).Sqrt() * weight;
}
