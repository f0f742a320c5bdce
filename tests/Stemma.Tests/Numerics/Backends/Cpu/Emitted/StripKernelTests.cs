using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Tests.Numerics.Backends.Cpu.MatMul;
using Xunit;
using CallingConvention = Stemma.Numerics.Backends.Cpu.Emitted.CallingConvention;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>The generated kernels, instruction by instruction, so that each is tested on any machine that runs generated code at all.</summary>
public sealed unsafe class StripKernelTests
{
    private static readonly int[] s_columns = [1, 2, 13, 15, 16, 17, 31, 32, 33, 47, 64, 77, 96];

    /// <summary>Whether this process can run what the interpreter is compared with.</summary>
    private static bool HasDotProducts => ProcessorLevels.Current >= ProcessorLevel.Avx512BFloat16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tile_kernels_multiply_and_touch_nothing_else(bool windows) =>
        MultipliesExactly((convention, call) => new TileKernels(convention, call), windows ? CallingConvention.Windows : CallingConvention.SystemV, tileOrder: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dot_product_kernels_multiply_and_touch_nothing_else(bool windows) =>
        MultipliesExactly((convention, call) => new DotProductKernels(convention, call), windows ? CallingConvention.Windows : CallingConvention.SystemV, tileOrder: false);

    [Fact]
    public void The_interpreter_computes_the_bits_that_the_processor_computes()
    {
        if (!HasDotProducts) return;
        var random = new Random(5);
        var native = new DotProductKernels(CallingConventions.Here);
        for (var trial = 0; trial < 300; trial++)
        {
            // Any bits at all: denormal numbers, infinities and NaN too.
            var strip = new Strip(1 + trial % 14, s_columns[trial % s_columns.Length], 8 * (1 + trial % 3), native.DepthStep, random, anyBits: trial % 2 == 0);
            var expected = strip.Run(native, bias: trial % 3 == 0, add: trial % 5 == 0);
            var actual = strip.Run(new DotProductKernels(CallingConventions.Here, strip.Interpret(CallingConventions.Here)), bias: trial % 3 == 0, add: trial % 5 == 0);
            for (var i = 0; i < expected.Length; i++)
                Assert.True(BitConverter.SingleToUInt32Bits(expected[i]) == BitConverter.SingleToUInt32Bits(actual[i]) || (float.IsNaN(expected[i]) && float.IsNaN(actual[i])), $"trial {trial}, element {i}: {expected[i]:R} and {actual[i]:R}");
        }
    }

    [Fact]
    public void Products_of_any_shape_and_layout_go_through_tiles()
    {
        if (ProcessorLevels.Current < ProcessorLevel.Avx512) return;    // packing takes 512-bit vectors
        var kernel = new BFloat16MatMul(new TileKernels(CallingConventions.Here, InterpretTiles));
        int[] sizes = [1, 2, 3, 5, 13, 16, 17, 31, 32, 33, 37, 67];
        var random = new Random(7);
        using var pool = new WorkerPool(2);
        for (var trial = 0; trial < 48; trial++)
        {
            using var problem = new Problem(sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)], sizes[random.Next(sizes.Length)], trial % 2 == 0, trial / 2 % 2 == 0,
                accumulate: trial / 4 % 2 == 0, bias: trial / 8 % 2 == 0, MatMulPrecision.BFloat16, padding: random.Next(3), batch: 1 + trial % 2, types: random.Next(8));
            problem.Check(kernel, trial % 3 == 0 ? null : pool);
        }
        using var several = new Problem(35, 33, 801, false, true, accumulate: false, bias: true, MatMulPrecision.BFloat16, padding: 1, batch: 1);
        several.Check(kernel, pool);
        using var tall = new Problem(230, 5, 40, true, false, accumulate: true, bias: true, MatMulPrecision.BFloat16, padding: 1, batch: 1);
        tall.Check(kernel, pool);
    }

    private static void MultipliesExactly(Func<CallingConvention, StripCall?, StripKernels> create, CallingConvention convention, bool tileOrder)
    {
        if (!EmittedCode.IsSupported) return;
        var random = new Random(3);
        var shape = create(convention, null);
        // Full strips of several widths too: theirs is the kernel that asks for memory ahead.
        for (var trial = 1; trial < shape.Rows + 9; trial++)
        {
            var rows = Math.Min(trial, shape.Rows);
            var columns = s_columns[trial * 5 % s_columns.Length];
            var strip = new Strip(rows, columns, 1 + random.Next(70), shape.DepthStep, random, anyBits: false);
            var (bias, add) = (trial % 2 == 0, trial % 3 == 0);
            var actual = strip.Run(create(convention, strip.Interpret(convention)), bias, add);
            Assert.Equal(strip.Expected(bias, add, tileOrder, shape.DepthStep), actual);
        }
    }

    /// <summary>Interprets one call; what it may touch is what its argument says, to the element.</summary>
    internal static void InterpretTiles(byte* code, StripArguments* arguments)
    {
        ref var m = ref *arguments;
        int rows = m.Tiles->Rows[4] + m.Tiles->Rows[5], columns = (int)(m.Panels - 1) * 32 + (m.Tiles->RowBytes[0] + m.Tiles->RowBytes[1]) / 4;
        var memory = new AddressSpace();
        memory.Add("the argument", arguments, sizeof(StripArguments));
        memory.Add("the tile shapes", m.Tiles, sizeof(TileConfiguration));
        memory.Add("A", m.A, (rows - 1) * m.StrideA + m.Steps * 64);
        memory.Add("B", m.B, (m.Panels - 1) * m.PanelStride + m.Steps * 16 * StripArguments.PanelRowBytes);
        memory.Add("C", m.C, (rows - 1) * m.StrideC + columns * sizeof(float), writable: true);
        if (m.Bias != null) memory.Add("the bias", m.Bias, columns * sizeof(float));
        new Interpreter(memory).Call(code, arguments, CallingConventions.Here);
    }
}
