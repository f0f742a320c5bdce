using System.Runtime.InteropServices;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Backends.Cpu.Recurrent;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Recurrent;

public sealed unsafe class StepProductTests
{
    public static TheoryData<ProcessorLevel> Levels => [.. ProcessorLevels.Available.Where(level => level <= ProcessorLevels.Current)];

    /// <summary>So the state of a recurrence has the same bits whether its weight was packed or not.</summary>
    [Theory]
    [MemberData(nameof(Levels))]
    public void A_step_has_the_bits_of_the_matrix_product(ProcessorLevel level)
    {
        foreach (var precision in Enum.GetValues<MatMulPrecision>())
            foreach (var (rows, columns, depth) in new[] { (1, 1, 1), (3, 7, 5), (14, 32, 33), (15, 31, 385), (29, 16, 770), (5, 17, 1601) })
                foreach (var transposed in new[] { true, false })
                    Check(level, precision, rows, columns, depth, transposed);
    }

    private static void Check(ProcessorLevel level, MatMulPrecision precision, int rows, int columns, int depth, bool transposed)
    {
        var product = StepProduct.For(level, precision);
        using NativeArray state = new((long)rows * depth, seed: 1), weight = new((long)columns * depth, seed: 2), bias = new(64, seed: 3), expected = new((long)rows * columns);
        var strideB = transposed ? depth : columns;
        MatMulKernel.For(level).Run(new MatMulArguments
        {
            Rows = rows,
            Columns = columns,
            Depth = depth,
            A = state.Start,
            StrideA = depth,
            B = weight.Start,
            StrideB = strideB,
            TransposeB = transposed,
            C = expected.Start,
            StrideC = columns,
            Bias = bias.Pointer,
            Precision = precision,
        });
        var strips = product.StripCount(rows);
        var strip = (float*)NativeMemory.AllocZeroed((nuint)product.StripLength(depth), sizeof(float));
        var panel = (float*)NativeMemory.AllocZeroed((nuint)product.PanelLength(depth), sizeof(float));
        using var tile = new NativeArray(product.Rows * product.Columns);
        var seen = 0;
        for (var first = 0; first < columns; first += product.Columns)
        {
            var width = Math.Min(product.Columns, columns - first);
            product.PackPanel(weight.Pointer + (transposed ? first * depth : first), strideB, transposed, width, depth, panel);
            for (var index = 0; index < strips; index++)
            {
                var (row, count) = StepProduct.Strip(rows, strips, index);
                // From the end, as threads may.
                for (var k = (depth - 1) / product.Columns * product.Columns; k >= 0; k -= product.Columns)
                    product.PackSteps(state.Pointer + row * depth + k, depth, count, k, Math.Min(product.Columns, depth - k), depth, strip);
                for (var block = 0; block < product.BlockCount(depth); block++) product.Multiply(block, count, depth, strip, panel, bias.Pointer + first, tile.Pointer, product.Columns);
                for (var r = 0; r < count; r++)
                    Assert.Equal(expected.Span.Slice((row + r) * columns + first, width), tile.Span.Slice(r * product.Columns, width));
                seen += count * width;
            }
        }
        Assert.Equal(rows * columns, seen);
        NativeMemory.Free(strip);
        NativeMemory.Free(panel);
    }
}
