using Stemma.Numerics.Backends.Cpu.Recurrent;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed partial class CpuBackend
{
    public void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell
    {
        if (y.DType != DType.Float32) _definition.Recur<TCell>(arguments, gates, memory, y);
        else new Walk<TCell>(_pool, Precision, arguments, gates, memory, y).Forward();
    }

    public void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients) where TCell : struct, IRecurrentCell
    {
        if (y.DType != DType.Float32) _definition.RecurGradient<TCell>(arguments, gates, memory, y, gradients);
        else new Walk<TCell>(_pool, Precision, arguments, gates, memory, y).Backward(gradients);
    }
}
