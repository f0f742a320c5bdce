using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

/// <summary>A batch of matrix products with its operands, and what plain double-precision loops make of it.</summary>
internal sealed unsafe class Problem : IDisposable
{
    private readonly NativeArray _a;
    private readonly NativeArray _b;
    private readonly NativeArray _c;
    private readonly NativeArray _bias;
    private readonly MatMulArguments _arguments;

    public Problem(int rows, int columns, int depth, bool transposeA, bool transposeB, bool accumulate, bool bias, MatMulPrecision precision, int padding, int batch)
    {
        int strideA = (transposeA ? rows : depth) + padding, strideB = (transposeB ? depth : columns) + 2 * padding, strideC = columns + 3 * padding;
        int linesA = transposeA ? depth : rows, linesB = transposeB ? columns : depth;
        // The last line ends where its values end, so that a read or write beyond them is noticed.
        _a = new NativeArray(Size(linesA, strideA, transposeA ? rows : depth, batch), 1);
        _b = new NativeArray(Size(linesB, strideB, transposeB ? depth : columns, batch), 2);
        _c = new NativeArray(Size(rows, strideC, columns, batch), 3);
        _bias = new NativeArray(columns, 4);
        _arguments = new MatMulArguments
        {
            Rows = rows,
            Columns = columns,
            Depth = depth,
            A = _a.Pointer,
            StrideA = strideA,
            TransposeA = transposeA,
            B = _b.Pointer,
            StrideB = strideB,
            TransposeB = transposeB,
            C = _c.Pointer,
            StrideC = strideC,
            Accumulate = accumulate,
            Bias = bias ? _bias.Pointer : null,
            Precision = precision,
            BatchCount = batch,
            BatchStrideA = (nint)linesA * strideA,
            BatchStrideB = (nint)linesB * strideB,
            BatchStrideC = (nint)rows * strideC,
        };
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
        _bias.Dispose();
    }

    /// <summary>What the kernel makes of C, which is then put back.</summary>
    public float[] Run(MatMulKernel kernel, WorkerPool? pool)
    {
        var before = _c.ToArray();
        if (pool == null)
            kernel.Run(_arguments);
        else
            kernel.Run(pool, _arguments);
        var after = _c.ToArray();
        before.CopyTo(_c.Span);
        return after;
    }

    public void Check(MatMulKernel kernel, WorkerPool? pool)
    {
        var actual = Run(kernel, pool);
        var expected = Array.ConvertAll(_c.ToArray(), x => (double)x);
        for (var batch = 0; batch < _arguments.BatchCount; batch++)
            Multiply(_arguments.Batch(batch), expected.AsSpan((int)(batch * _arguments.BatchStrideC)));
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= 2e-6 * (4 + Math.Sqrt(_arguments.Depth))))
                Assert.Fail($"{kernel.Name}: {_arguments.Rows}x{_arguments.Columns}x{_arguments.Depth}, transposed {_arguments.TransposeA} {_arguments.TransposeB}, {_arguments.Precision}: element {i} is {actual[i]}, not {expected[i]}.");
        }
    }

    private static long Size(int lines, int stride, int width, int batch) => lines == 0 ? 0 : (long)lines * stride * batch - (stride - width);

    private static void Multiply(in MatMulArguments m, Span<double> c)
    {
        for (var i = 0; i < m.Rows; i++)
        {
            for (var j = 0; j < m.Columns; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < m.Depth; k++)
                    sum += (double)Round(m, m.A[m.TransposeA ? k * m.StrideA + i : i * m.StrideA + k]) * Round(m, m.B[m.TransposeB ? j * m.StrideB + k : k * m.StrideB + j]);
                ref var target = ref c[(int)(i * m.StrideC + j)];
                target = (m.Accumulate ? target : 0) + sum + (m.Bias == null ? 0 : m.Bias[j]);
            }
        }
    }

    private static float Round(in MatMulArguments m, float x) => m.Precision == MatMulPrecision.BFloat16 ? BFloat16Rounding.Apply(x) : x;
}
