using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Sets each element to zero with the given probability and divides the others by 1 − probability. The mask is a function of
    /// the stream and the element's position, so the gradient draws it again instead of keeping it.
    /// Srivastava et al. 2014, "Dropout".
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="probability">0 ≤ p &lt; 1.</param>
    /// <param name="stream">A stream of its own for each use.</param>
    public static Tensor Dropout(this Tensor x, double probability, RandomStream stream)
    {
        RequireDropout(probability);
        if (probability == 0) return x;
        x = x.ForCompute().Contiguous();
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Dropout(x, probability, stream, null, y);
        return Tape.Record(y, [x], [], (probability, stream), static (s, dy) => [dy.Dropout(s.probability, s.stream)]);
    }

    /// <summary>residual + <see cref="Dropout"/>(x) in one pass: what a block adds to the residual stream.</summary>
    /// <param name="residual">Of x's shape.</param>
    /// <param name="x">Any shape; may be bfloat16 beside a float32 residual, and has a gradient of its own type then.</param>
    /// <param name="probability">0 ≤ p &lt; 1.</param>
    /// <param name="stream">A stream of its own for each use.</param>
    public static Tensor AddDropout(this Tensor residual, Tensor x, double probability, RandomStream stream)
    {
        RequireDropout(probability);
        if (residual.Shape != x.Shape) throw new ArgumentException($"What is added to a residual stream of shape {residual.Shape} has the same shape; got {x.Shape}.", nameof(x));
        residual = residual.ForCompute().Contiguous();
        x = x.ForActivation().Contiguous();
        if (Tape.IsHigherOrder || (probability == 0 && x.DType == residual.DType)) return residual + x.Dropout(probability, stream);
        var y = Tensor.Empty(x.Shape, residual.DType, x.Device);
        x.Device.Backend.Dropout(x, probability, stream, residual, y);
        return Tape.Record(y, [residual, x], [], (residual, x, probability, stream), static (s, dy) =>
        {
            var dx = s.x.RequiresGradient ? Tensor.Empty(s.x.Shape, s.x.DType, s.x.Device) : null;
            if (dx is not null) dy.Device.Backend.Dropout(dy.Contiguous(), s.probability, s.stream, null, dx);
            return [s.residual.RequiresGradient ? dy : null, dx];
        });
    }

    private static void RequireDropout(double probability)
    {
        if (probability is < 0 or >= 1 or double.NaN) throw new ArgumentOutOfRangeException(nameof(probability), probability, "A dropout probability lies in [0, 1).");
    }
}
