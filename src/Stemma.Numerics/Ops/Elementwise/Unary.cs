using System.Runtime.CompilerServices;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

/// <summary>The operations on tensors, as extension methods: one file each, with the gradient beside the value.</summary>
public static partial class TensorOps
{
    /// <summary>Applies a kernel to every element. <paramref name="gradient"/> is the kernel's gradient composed of plain operations.</summary>
    private static Tensor Unary<TKernel>(Tensor x, Func<Tensor, Tensor, Tensor, Tensor> gradient, [CallerMemberName] string operation = "") where TKernel : struct, IUnaryKernel
    {
        x = x.ForActivation().Contiguous();
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Map<TKernel>(x, y);
        ReadOnlySpan<Tensor> saves = Tape.IsHigherOrder ? [x, y] : (TKernel.GradientReadsInput, TKernel.GradientReadsOutput) switch
        {
            (true, true) => [x, y],
            (true, false) => [x],
            (false, true) => [y],
            _ => [],
        };
        return Tape.Record(y, [x], saves, (x, y, gradient), static (s, dy) =>
        {
            if (Tape.IsHigherOrder) return [s.gradient(s.x, s.y, dy)];
            dy = dy.Contiguous();
            var dx = Tape.InPlaceOrEmpty(dy, s.x.DType);
            dx.Device.Backend.MapGradient<TKernel>(TKernel.GradientReadsInput ? s.x : dy, TKernel.GradientReadsOutput ? s.y : dy, dy, dx);
            return [dx];
        }, TKernel.GradientReadsInput && !TKernel.GradientReadsOutput ? static s => s.x.Device.Backend.Map<TKernel>(s.x, s.y) : null, operation);
    }
}
