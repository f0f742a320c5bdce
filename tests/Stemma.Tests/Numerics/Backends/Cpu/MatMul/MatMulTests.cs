using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

public sealed unsafe class MatMulTests : IDisposable
{
    private static readonly int[] Sizes = [0, 1, 2, 3, 5, 13, 14, 15, 16, 17, 29, 31, 32, 33, 65, 127];
    private readonly WorkerPool _pool = new(2);

    /// <summary>The kernels of the levels up to the one in use, the best one first.</summary>
    public static TheoryData<string> Kernels => [.. AllKernels().Select(kernel => kernel.Name)];

    public void Dispose() => _pool.Dispose();

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_layout_and_odd_size_equals_plain_loops(string name)
    {
        var kernel = Kernel(name);
        var random = new Random(1);
        for (var trial = 0; trial < 400; trial++)
        {
            int rows = Sizes[random.Next(Sizes.Length)], columns = Sizes[random.Next(Sizes.Length)], depth = Sizes[random.Next(Sizes.Length)];
            using var problem = new Problem(rows, columns, depth, trial % 2 == 0, trial / 2 % 2 == 0, trial / 4 % 2 == 0, trial / 8 % 2 == 0,
                trial / 16 % 2 == 0 ? MatMulPrecision.Float32 : MatMulPrecision.BFloat16, padding: random.Next(3) * 5, batch: 1 + random.Next(3), types: random.Next(16));
            problem.Check(kernel, trial % 3 == 0 ? null : _pool);
        }
    }

    [Theory]
    [InlineData(300, 1500, 400, false, true, false, 0)]
    [InlineData(300, 70, 900, true, false, false, 0)]
    [InlineData(230, 129, 801, false, false, false, 0)]
    [InlineData(9, 1100, 2900, false, true, false, 0)]
    [InlineData(250, 2900, 385, true, true, false, 0)]
    [InlineData(300, 70, 1700, true, false, true, 0)]
    [InlineData(230, 1300, 801, false, false, true, 7)]
    [InlineData(9, 330, 2900, false, true, true, 4)]
    [InlineData(350, 129, 1601, true, true, true, 7)]
    public void Several_blocks_equal_plain_loops(int rows, int columns, int depth, bool transposeA, bool transposeB, bool rounded, int types)
    {
        if (!MatMulKernel.Best.Name.Contains("AVX", StringComparison.Ordinal))
            (depth, columns) = (depth / 4 + 300, Math.Min(columns, 500));    // without vector hardware the sizes above take minutes; these are several blocks too
        using var problem = new Problem(rows, columns, depth, transposeA, transposeB, accumulate: true, bias: true, rounded ? MatMulPrecision.BFloat16 : MatMulPrecision.Float32, padding: 3, batch: 1, types);
        problem.Check(MatMulKernel.Best, _pool);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_row_has_the_same_bits_whatever_stands_around_it(string name)
    {
        var kernel = Kernel(name);
        foreach (var (columns, depth) in new[] { (65, 40), (97, 401), (33, 801), (1, 13) })
            foreach (var layout in Enumerable.Range(0, 4))
                foreach (var precision in Enum.GetValues<MatMulPrecision>())
                    RowsAreTheirOwn(kernel, columns, depth, layout % 2 == 1, layout / 2 == 1, precision);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 7)]
    public void Thread_counts_give_the_same_bits(bool rounded, int types)
    {
        using var problem = new Problem(290, 331, 850, false, true, accumulate: true, bias: true, rounded ? MatMulPrecision.BFloat16 : MatMulPrecision.Float32, padding: 1, batch: 2, types);
        float[]? first = null;
        foreach (var threads in new[] { 1, 2, 3, 7, 64 })
        {
            using var pool = new WorkerPool(threads);
            var result = problem.Run(MatMulKernel.Best, pool);
            first ??= result;
            Assert.True(first.AsSpan().SequenceEqual(result));
        }
    }

    [Fact]
    public void Rounding_to_bfloat16_goes_to_nearest_even_and_keeps_special_values()
    {
        float[] values = [1f, 1.00390625f, 1.01171875f, 1.003907f, -1.00390625f, 0f, float.PositiveInfinity, float.NegativeInfinity, 3.4028235e38f, 1e-39f];
        float[] rounded = [1f, 1f, 1.015625f, 1.0078125f, -1f, 0f, float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, 1.0101905e-39f];
        for (var i = 0; i < values.Length; i++)
        {
            var scalar = BFloat16Rounding.Apply(values[i]);
            Assert.Equal(rounded[i], scalar, 1e-41f);
            Assert.Equal(scalar, BFloat16Rounding.Apply(System.Runtime.Intrinsics.Vector512.Create(values[i]))[3]);
            Assert.Equal(scalar, BFloat16Rounding.Apply(System.Runtime.Intrinsics.Vector256.Create(values[i]))[3]);
            Assert.Equal(scalar, BFloat16Rounding.Apply(System.Runtime.Intrinsics.Vector128.Create(values[i]))[3]);
        }
        foreach (var nan in new[] { 0x7fffffffu, 0xffffffffu, 0x7f800001u })
            Assert.True(float.IsNaN(BFloat16Rounding.Apply(BitConverter.UInt32BitsToSingle(nan))));
    }

    private static IEnumerable<MatMulKernel> AllKernels() =>
        ProcessorLevels.Available.Where(level => level <= ProcessorLevels.Current).Reverse().Select(MatMulKernel.For);

    private static MatMulKernel Kernel(string name) => AllKernels().First(kernel => kernel.Name == name);

    private void RowsAreTheirOwn(MatMulKernel kernel, int columns, int depth, bool transposeA, bool transposeB, MatMulPrecision precision)
    {
        const int Most = 300;
        using var a = new NativeArray((long)Most * depth, 1);
        using var b = new NativeArray((long)columns * depth, 2);
        using var whole = new NativeArray((long)Most * columns);
        using var part = new NativeArray((long)Most * columns);
        Multiply(Most, 0, whole.Pointer, _pool);
        foreach (var (first, count) in new[] { (0, 1), (1, 2), (17, 3), (30, 14), (100, 31), (299, 1), (3, 230), (5, 290) })
        {
            Multiply(count, first, part.Pointer, count > 10 ? _pool : null);
            Assert.True(new Span<float>(part.Pointer, count * columns).SequenceEqual(new Span<float>(whole.Pointer + first * columns, count * columns)),
                $"{kernel.Name}: rows {first}..{first + count}, {columns} columns, depth {depth}, transposed {transposeA} {transposeB}, {precision}");
        }

        void Multiply(int rows, int first, float* c, WorkerPool? pool)
        {
            var arguments = new MatMulArguments
            {
                Rows = rows,
                Columns = columns,
                Depth = depth,
                A = a.Pointer + (transposeA ? first : first * depth),
                StrideA = transposeA ? Most : depth,
                TransposeA = transposeA,
                B = b.Pointer,
                StrideB = transposeB ? depth : columns,
                TransposeB = transposeB,
                C = c,
                StrideC = columns,
                Precision = precision,
            };
            if (pool == null)
                kernel.Run(arguments);
            else
                kernel.Run(pool, arguments);
        }
    }
}
