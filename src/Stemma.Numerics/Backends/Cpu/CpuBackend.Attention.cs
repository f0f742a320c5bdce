using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu.Attention;
using Stemma.Numerics.Backends.Cpu.Rows;
using Stemma.Numerics.Ops;
using KernelArguments = Stemma.Numerics.Backends.Cpu.Attention.AttentionArguments;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Attention(in Ops.AttentionArguments arguments, Tensor y, Tensor logSumExp)
    {
        if (y.DType != DType.Float32) _definition.Attention(arguments, y, logSumExp);
        else KernelFor(arguments).Forward(_pool, Convert(arguments, y, logSumExp), arguments.Layout.QueryOffsets, arguments.Layout.KeyOffsets);
    }

    // With narrower vectors the gradient draws for other queries at a time than a word has bits.
    public Tensor? RoomForKept(in Ops.AttentionArguments arguments) => Avx512F.IsSupported && arguments.Queries.DType == DType.Float32 ? arguments.RoomForKept() : null;

    public void AttentionGradient(in Ops.AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias)
    {
        if (y.DType != DType.Float32)
        {
            _definition.AttentionGradient(arguments, y, logSumExp, dy, dq, dk, dv, dbias);
            return;
        }
        using var scope = dbias is null ? null : Memory.Scope();
        // Each sequence adds up its own, so that the sums do not depend on the threads.
        var biases = dbias is null ? null : Tensor.Zeros([arguments.Layout.Count, (int)dbias.Count], DType.Float32, dbias.Device);
        var gradients = new AttentionGradients { Output = Heads(dy), Query = Heads(dq), Key = Heads(dk), Value = Heads(dv), Bias = biases is null ? null : biases.Pointer<float>() };
        KernelFor(arguments).Backward(_pool, Convert(arguments, y, logSumExp), gradients, arguments.Layout.QueryOffsets, arguments.Layout.KeyOffsets);
        if (biases is not null) Reduce<SumKernel>(biases, 1, arguments.Layout.Count, (int)dbias!.Count, dbias);
    }

    public void Rotate(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y)
    {
        if (y.DType != DType.Float32) _definition.Rotate(x, cosines, sines, pairing, back, y);
        else _pool.Run((x.Shape[0] + RotaryRows.PerItem - 1) / RotaryRows.PerItem, new RotaryRows(x, y, cosines.Pointer<float>(), sines.Pointer<float>(), cosines.Shape[1], pairing, back ? -1f : 1f));
    }

    /// <summary>The head size from which bfloat16 products save more than bringing their factors into order costs.</summary>
    private const int LeastBFloat16Head = 64;

    // Scores that are more than products are computed in float32.
    private AttentionKernel KernelFor(in Ops.AttentionArguments arguments) =>
        AttentionKernel.Best(arguments.Scores is null && arguments.Queries.Shape[2] >= LeastBFloat16Head ? precision : ComputePrecision.Float32);

    private static ScoreTerms Terms(in Ops.AttentionArguments arguments) => arguments.Scores is not { } scores ? default : new()
    {
        SoftCap = (float)(scores.SoftCap ?? 0),
        Bias = scores.Bias is { } bias ? bias.Table.Pointer<float>() : null,
        DistanceCount = scores.Bias?.Table.Shape[1] ?? 0,
        FirstDistance = scores.Bias?.First ?? 0,
        Sinks = scores.Sinks is { } sinks ? sinks.Pointer<float>() : null,
        Blocks = scores.Pattern is null ? null : BlocksOf(arguments),
    };

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
        Kept = arguments.Kept is { } kept ? (ushort*)kept.Pointer<int>() : null,
        KeptKeys = arguments.KeptKeys,
        Prefixes = arguments.Layout.Prefixes,
        Scores = Terms(arguments),
    };

    private static BlockLayout[] BlocksOf(in Ops.AttentionArguments arguments)
    {
        var blocks = new BlockLayout[arguments.Layout.Count];
        for (var s = 0; s < blocks.Length; s++) blocks[s] = arguments.Blocks(s)!;
        return blocks;
    }

    private static HeadRows Heads(Tensor x) => new(x.Pointer<float>(), (nint)x.Strides[0], (nint)x.Strides[1]);
}
