using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>eˣ / Σ eˣ over the last axis.</summary>
    public static Tensor Softmax(this Tensor x)
    {
        if (Tape.IsHigherOrder) return x.SoftmaxComposed();
        x = x.ForCompute().Contiguous();
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Softmax(x, y);
        return Tape.Record(y, [x], [y], dy =>
        {
            var dx = Tensor.Empty(x.Shape, x.DType, x.Device);
            x.Device.Backend.SoftmaxGradient(y, dy.Contiguous(), dx);
            return [dx];
        });
    }

    /// <summary>x − ln Σ eˣ over the last axis: the logarithm of <see cref="Softmax"/> without its underflow.</summary>
    public static Tensor LogSoftmax(this Tensor x)
    {
        if (Tape.IsHigherOrder) return x.LogSoftmaxComposed();
        x = x.ForCompute().Contiguous();
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.LogSoftmax(x, y);
        return Tape.Record(y, [x], [y], dy =>
        {
            var dx = Tensor.Empty(x.Shape, x.DType, x.Device);
            x.Device.Backend.LogSoftmaxGradient(y, dy.Contiguous(), dx);
            return [dx];
        });
    }

    /// <summary><see cref="Softmax"/> of plain operations.</summary>
    internal static Tensor SoftmaxComposed(this Tensor x)
    {
        var e = (x - x.Detach().Max(-1, keepAxis: true)).Exp();
        return e / e.Sum(-1, keepAxis: true);
    }

    /// <summary><see cref="LogSoftmax"/> of plain operations.</summary>
    internal static Tensor LogSoftmaxComposed(this Tensor x) => x - x.LogSumExp().Reshape(x.Shape.With(-1, 1));
}
