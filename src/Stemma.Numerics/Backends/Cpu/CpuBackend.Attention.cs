using Stemma.Numerics.Backends.Cpu.Attention;
using KernelArguments = Stemma.Numerics.Backends.Cpu.Attention.AttentionArguments;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Attention(in Ops.AttentionArguments arguments, Tensor y, Tensor logSumExp)
    {
        if (y.DType != DType.Float32) _definition.Attention(arguments, y, logSumExp);
        else AttentionKernel.Best(precision).Forward(_pool, Convert(arguments, y, logSumExp), arguments.Layout.QueryOffsets, arguments.Layout.KeyOffsets);
    }

    public void AttentionGradient(in Ops.AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
    {
        if (y.DType != DType.Float32)
        {
            _definition.AttentionGradient(arguments, y, logSumExp, dy, dq, dk, dv);
            return;
        }
        var gradients = new AttentionGradients { Output = Heads(dy), Query = Heads(dq), Key = Heads(dk), Value = Heads(dv) };
        AttentionKernel.Best(precision).Backward(_pool, Convert(arguments, y, logSumExp), gradients, arguments.Layout.QueryOffsets, arguments.Layout.KeyOffsets);
    }

    private static KernelArguments Convert(in Ops.AttentionArguments arguments, Tensor y, Tensor logSumExp) => new()
    {
        HeadCount = arguments.Queries.Shape[1],
        KvHeadCount = arguments.Keys.Shape[1],
        HeadSize = arguments.Queries.Shape[2],
        Scale = (float)arguments.Scale,
        Left = arguments.Window.Left,
        Right = arguments.Window.Right,
        Query = Heads(arguments.Queries),
        Key = Heads(arguments.Keys),
        Value = Heads(arguments.Values),
        Output = Heads(y),
        LogSumExp = logSumExp.Pointer<float>(),
        Dropout = new((float)arguments.DropoutProbability, arguments.Dropout.Seed, arguments.Dropout.Stream),
    };

    private static HeadRows Heads(Tensor x) => new(x.Pointer<float>(), (nint)x.Strides[0], (nint)x.Strides[1]);
}
