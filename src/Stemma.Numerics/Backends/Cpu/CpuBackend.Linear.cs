using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Backends.Reference;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    private MatMulPrecision Precision => precision == ComputePrecision.BFloat16 ? MatMulPrecision.BFloat16 : MatMulPrecision.Float32;

    public void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate)
    {
        if (c.DType == DType.Float64) _definition.MatMul(a, b, c, bias, accumulate);
        else Multiply(a, b, c, bias, accumulate);
    }

    public void MatMulMap<TKernel>(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) where TKernel : struct, IActivationKernel
    {
        if (y.DType == DType.Float64) _definition.MatMulMap<TKernel>(a, b, bias, product, y);
        else if (y.DType == DType.BFloat16) Multiply(a, b, y, bias, false, new MapEpilogue<TKernel, BFloat16>(product is null ? null : product.Pointer<BFloat16>(), y.Pointer<BFloat16>(), y.Shape[1]));
        else Multiply(a, b, y, bias, false, new MapEpilogue<TKernel, float>(OrNull(product), y.Pointer<float>(), y.Shape[1]));
        GC.KeepAlive(product);
    }

    public void MatMulMapGradient<TKernel>(Tensor a, Tensor b, Tensor x, Tensor y, Tensor dx, Tensor? value) where TKernel : struct, IActivationKernel
    {
        if (dx.DType == DType.Float64) _definition.MatMulMapGradient<TKernel>(a, b, x, y, dx, value);
        else if (dx.DType == DType.BFloat16) Multiply(a, b, dx, null, false, new MapGradientEpilogue<TKernel, BFloat16>(x.Pointer<BFloat16>(), y.Pointer<BFloat16>(), dx.Pointer<BFloat16>(), value is null ? null : value.Pointer<BFloat16>(), dx.Shape[1]));
        else Multiply(a, b, dx, null, false, new MapGradientEpilogue<TKernel, float>(x.Pointer<float>(), y.Pointer<float>(), dx.Pointer<float>(), OrNull(value), dx.Shape[1]));
        GC.KeepAlive((x, y, value));
    }

    public void MatMulDropout(Tensor a, Tensor b, Tensor? bias, DType product, double probability, RandomStream stream, Tensor residual, Tensor y)
    {
        if (y.DType == DType.Float64) _definition.MatMulDropout(a, b, bias, product, probability, stream, residual, y);
        else if (product == DType.BFloat16) Multiply(a, b, y, bias, false, new ResidualEpilogue<BFloat16>(residual.Pointer<float>(), y.Pointer<float>(), y.Shape[1], probability, stream));
        else Multiply(a, b, y, bias, false, new ResidualEpilogue<float>(residual.Pointer<float>(), y.Pointer<float>(), y.Shape[1], probability, stream));
        GC.KeepAlive(residual);
    }

    private void Multiply(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate, Epilogue? epilogue = null)
    {
        if (c.Count == 0) return;
        // Kernels read rows or columns, whichever lies contiguous; a view with neither is copied first.
        using var pause = Tape.IsRecording ? Tape.Pause() : null;
        if (!IsMatrix(a)) a = a.Contiguous();
        if (!IsMatrix(b)) b = b.Contiguous();
        var (transposeA, strideA) = Orientation(a);
        var (transposeB, strideB) = Orientation(b);
        var arguments = new MatMulArguments
        {
            Rows = c.Shape[-2],
            Columns = c.Shape[-1],
            Depth = a.Shape[-1],
            A = Start(a),
            TypeA = a.DType,
            StrideA = strideA,
            TransposeA = transposeA,
            B = Start(b),
            TypeB = b.DType,
            StrideB = strideB,
            TransposeB = transposeB,
            C = Start(c),
            TypeC = c.DType,
            StrideC = (nint)c.Strides[c.Rank - 2],
            Accumulate = accumulate,
            Bias = bias is null ? null : bias.Pointer<float>(),
            Precision = Precision,
            Epilogue = epilogue,
        };
        var panels = c.Rank == 2 ? PackedWeights.Find(b.Storage, MatMulKernel.Best, _pool, arguments) : null;
        if (panels is not null) arguments = arguments with { PackedB = panels.Pointer };
        if (c.Rank == 2) MatMulKernel.Best.Run(_pool, arguments);
        else Batched(a, b, c, arguments);
        GC.KeepAlive(a); // may be copies that nothing else refers to
        GC.KeepAlive(b);
        GC.KeepAlive(bias); // may be the caller's copy, which nothing refers to once its address is taken
        GC.KeepAlive(c);
        GC.KeepAlive(panels);
    }

    private static void* Start(Tensor x) => x.DType == DType.BFloat16 ? x.Pointer<BFloat16>() : x.Pointer<float>();

    private static bool IsMatrix(Tensor x) => Step(x, -1) == 1 || Step(x, -2) == 1;

    // An axis of size 1 may carry any stride; it never moves.
    private static long Step(Tensor x, int axis) => x.Shape[axis] == 1 ? 1 : x.Strides[x.Rank + axis];

    private static (bool Transposed, nint Stride) Orientation(Tensor x)
    {
        var (row, column) = (x.Strides[x.Rank - 2], x.Strides[x.Rank - 1]);
        if (Step(x, -1) == 1) return (false, (nint)(x.Shape[-2] == 1 ? Math.Max(x.Shape[-1], 1) : row));
        return (true, (nint)column);
    }

    private void Batched(Tensor a, Tensor b, Tensor c, MatMulArguments arguments)
    {
        var matrices = c.Shape.With(-1, 1).With(-2, 1);
        var (stepsA, stepsB) = (a.Strides.Broadcast(a.Shape.With(-1, 1).With(-2, 1), matrices), b.Strides.Broadcast(b.Shape.With(-1, 1).With(-2, 1), matrices));
        // The innermost batch axis goes to the kernel as one call; the others are walked here.
        var inner = c.Rank - 3;
        arguments = arguments with
        {
            BatchCount = c.Shape[inner],
            BatchStrideA = (nint)stepsA[inner],
            BatchStrideB = (nint)stepsB[inner],
            BatchStrideC = (nint)c.Strides[inner],
        };
        var outer = matrices.With(inner, 1);
        var (walkA, walkB) = (new Walk(outer, stepsA, c.Strides), new Walk(outer, stepsB, c.Strides));
        while (walkA.Next(out var atA, out var atC))
        {
            walkB.Next(out var atB, out _);
            MatMulKernel.Best.Run(_pool, arguments with
            {
                A = MatMulArguments.At(arguments.A, arguments.TypeA, (nint)atA),
                B = MatMulArguments.At(arguments.B, arguments.TypeB, (nint)atB),
                C = MatMulArguments.At(arguments.C, arguments.TypeC, (nint)atC),
            });
        }
    }
}
