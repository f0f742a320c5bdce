using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The same numbers in another element type; to a narrower one rounded to nearest even.</summary>
    public static Tensor Cast(this Tensor x, DType dtype)
    {
        if (x.DType == dtype) return x;
        var y = Tensor.Empty(x.Shape, dtype, x.Device);
        x.Device.Backend.Copy(x, y);
        return dtype.IsFloating() ? Tape.Record(y, [x], [], x.DType, static (from, dy) => [dy.Cast(from)]) : y;
    }

    /// <summary>The same numbers on another device.</summary>
    public static Tensor To(this Tensor x, Device device)
    {
        if (x.Device == device) return x;
        var y = Tensor.Empty(x.Shape, x.DType, device);
        x.Device.Backend.Copy(x, y);
        return Tape.Record(y, [x], [], dy => [dy.To(x.Device)]);
    }

    /// <summary>As <see cref="ForCompute"/>, but bfloat16 stays where the device's kernels read it.</summary>
    internal static Tensor ForActivation(this Tensor x) => x.DType == DType.BFloat16 && x.Device.ActivationType == DType.BFloat16 ? x : x.ForCompute();

    /// <summary>bfloat16 stores, float32 computes: arithmetic on bfloat16 tensors gives float32.</summary>
    internal static Tensor ForCompute(this Tensor x) => x.DType switch
    {
        DType.BFloat16 => x.Cast(DType.Float32),
        DType.Int32 => throw new InvalidOperationException($"Arithmetic needs floating-point numbers; this tensor of shape {x.Shape} holds {DType.Int32}. Use Cast."),
        _ => x,
    };
}
