using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>Products of a step of bfloat16 factors by generated kernels, which read rows of the state as they stand: packing is rounding.</summary>
internal sealed unsafe class BFloat16StepProduct(StripKernels kernels) : StepProduct
{
    /// <summary>Most steps of k that one accumulator takes, as in the matrix product.</summary>
    private const int MaxBlockDepth = 768;

    /// <summary>Values between rows and between panels, so that they do not start a multiple of 4 KiB apart.</summary>
    private const int Padding = 32;

    /// <inheritdoc/>
    public override int Columns => StripArguments.PanelColumns;

    /// <inheritdoc/>
    public override int Rows => kernels.Rows;

    /// <inheritdoc/>
    public override nint PanelLength(int depth) => ((nint)RoundUp(depth) * StripArguments.PanelColumns + Padding) / 2;

    /// <inheritdoc/>
    public override nint StripLength(int depth) => (kernels.Rows + 15) / 16 * 16 * RowStride(depth) / 2;

    /// <inheritdoc/>
    public override int BlockCount(int depth) => (depth + MaxBlockDepth - 1) / MaxBlockDepth;

    /// <inheritdoc/>
    public override void PackPanel(float* weight, nint stride, bool transposed, int columns, int depth, float* panel) =>
        BFloat16Packing.Panels<Float32Source>(weight, stride, !transposed, columns, depth, (ushort*)panel, 0);

    /// <inheritdoc/>
    public override void PackSteps(float* values, nint stride, int rows, int k, int steps, int depth, float* strip)
    {
        var length = RowStride(depth);
        if (steps == BFloat16Packing.BlockDepth)
        {
            for (var row = 0; row < rows; row++) Float32Source.Neighbours(values, row * stride, steps).Store((uint*)((ushort*)strip + row * length + k));
            return;
        }
        for (var row = 0; row < rows; row++) BFloat16Spans.Narrow(values + row * stride, (BFloat16*)strip + row * length + k, steps);
    }

    /// <inheritdoc/>
    public override void Multiply(int block, int rows, int depth, float* strip, float* panel, float* bias, float* c, nint stride)
    {
        var blocks = BlockCount(depth);
        var blockDepth = RoundUp((depth + blocks - 1) / blocks);
        var k = (nint)block * blockDepth;
        var steps = ((int)nint.Min(blockDepth, depth - k) + kernels.DepthStep - 1) / kernels.DepthStep;
        kernels.Compute(rows, StripArguments.PanelColumns, steps, (ushort*)strip + k, RowStride(depth), (ushort*)panel + k * StripArguments.PanelColumns, 0,
            c, stride, block == (kernels.BiasStartsSum ? 0 : blocks - 1) ? bias : null, block > 0);
    }

    private static int RoundUp(int depth) => (depth + BFloat16Packing.BlockDepth - 1) / BFloat16Packing.BlockDepth * BFloat16Packing.BlockDepth;

    private static nint RowStride(int depth) => RoundUp(depth) + Padding;
}
