using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

/// <summary>A batch of matrix products with its operands, and what plain double-precision loops make of it.</summary>
/// <remarks>Of <c>types</c>, bit 0 stores A in bfloat16, bit 1 B, bit 2 C.</remarks>
internal sealed unsafe class Problem : IDisposable
{
    private readonly NativeArray _a;
    private readonly NativeArray _b;
    private readonly NativeArray _c;
    private readonly NativeArray _bias;
    private readonly MatMulArguments _arguments;

    public Problem(int rows, int columns, int depth, bool transposeA, bool transposeB, bool accumulate, bool bias, MatMulPrecision precision, int padding, int batch, int types = 0)
    {
        int strideA = (transposeA ? rows : depth) + padding, strideB = (transposeB ? depth : columns) + 2 * padding, strideC = columns + 3 * padding;
        int linesA = transposeA ? depth : rows, linesB = transposeB ? columns : depth;
        // The last line ends where its values end, so that a read or write beyond them is noticed.
        _a = new NativeArray(Size(linesA, strideA, transposeA ? rows : depth, batch), 1, bfloat16: (types & 1) != 0);
        _b = new NativeArray(Size(linesB, strideB, transposeB ? depth : columns, batch), 2, bfloat16: (types & 2) != 0);
        _c = new NativeArray(Size(rows, strideC, columns, batch), 3, bfloat16: (types & 4) != 0);
        _bias = new NativeArray(columns, 4);
        _arguments = new MatMulArguments
        {
            Rows = rows,
            Columns = columns,
            Depth = depth,
            A = _a.Start,
            TypeA = _a.Type,
            StrideA = strideA,
            TransposeA = transposeA,
            B = _b.Start,
            TypeB = _b.Type,
            StrideB = strideB,
            TransposeB = transposeB,
            C = _c.Start,
            TypeC = _c.Type,
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
        var before = _c.Bytes.ToArray();
        if (pool == null)
            kernel.Run(_arguments);
        else
            kernel.Run(pool, _arguments);
        var after = _c.ToArray();
        before.CopyTo(_c.Bytes);
        return after;
    }

    public void Check(MatMulKernel kernel, WorkerPool? pool)
    {
        var actual = Run(kernel, pool);
        var expected = Array.ConvertAll(_c.ToArray(), x => (double)x);
        for (var batch = 0; batch < _arguments.BatchCount; batch++)
            Multiply(_arguments, batch, expected.AsSpan((int)(batch * _arguments.BatchStrideC)));
        for (var i = 0; i < expected.Length; i++)
        {
            var rounding = _c.Type == DType.BFloat16 ? Math.Abs(expected[i]) / 256 : 0;
            if (!(Math.Abs(expected[i] - actual[i]) <= rounding + 2e-6 * (4 + Math.Sqrt(_arguments.Depth))))
                Assert.Fail($"{kernel.Name}: {_arguments.Rows}x{_arguments.Columns}x{_arguments.Depth}, transposed {_arguments.TransposeA} {_arguments.TransposeB}, {_arguments.Precision}, {_a.Type} {_b.Type} {_c.Type}: element {i} is {actual[i]}, not {expected[i]}.");
        }
    }

    private static long Size(int lines, int stride, int width, int batch) => lines == 0 ? 0 : (long)lines * stride * batch - (stride - width);

    private void Multiply(in MatMulArguments m, int batch, Span<double> c)
    {
        for (var i = 0; i < m.Rows; i++)
        {
            for (var j = 0; j < m.Columns; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < m.Depth; k++)
                    sum += (double)Round(m, _a[batch * m.BatchStrideA + (m.TransposeA ? k * m.StrideA + i : i * m.StrideA + k)]) * Round(m, _b[batch * m.BatchStrideB + (m.TransposeB ? j * m.StrideB + k : k * m.StrideB + j)]);
                ref var target = ref c[(int)(i * m.StrideC + j)];
                target = (m.Accumulate ? target : 0) + sum + (m.Bias == null ? 0 : m.Bias[j]);
            }
        }
    }

    private static float Round(in MatMulArguments m, float x) => m.Precision == MatMulPrecision.BFloat16 ? BFloat16Rounding.Apply(x) : x;
}
