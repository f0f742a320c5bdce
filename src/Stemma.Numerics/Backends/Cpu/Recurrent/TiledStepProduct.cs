using System.Runtime.CompilerServices;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>Products of a step through the register tiles of the matrix product.</summary>
internal sealed unsafe class TiledStepProduct<TTiles, TRounding> : StepProduct
    where TTiles : struct, ITileSet
    where TRounding : struct, IRounding
{
    /// <summary>Most steps of k that one accumulator takes, as in the matrix product.</summary>
    private const int MaxBlockDepth = 384;

    /// <summary>Room for a last store that overruns, and panels that do not start a multiple of 4 KiB apart.</summary>
    private const int Padding = 32;

    /// <inheritdoc/>
    public override int Columns => TTiles.Columns;

    /// <inheritdoc/>
    public override int Rows => TTiles.Rows;

    /// <inheritdoc/>
    public override nint PanelLength(int depth) => (nint)depth * TTiles.Columns + Padding;

    /// <inheritdoc/>
    public override nint StripLength(int depth) => (nint)depth * TTiles.Rows + Padding;

    /// <inheritdoc/>
    public override void PackPanel(float* weight, nint stride, bool transposed, int columns, int depth, float* panel)
    {
        if (transposed) TTiles.PackLines<TRounding>(weight, stride, columns, depth, panel, 0, TTiles.Columns);
        else TTiles.PackSteps<TRounding>(weight, stride, columns, depth, panel, 0, TTiles.Columns);
    }

    /// <inheritdoc/>
    public override void PackStrip(float* state, nint stride, int rows, int depth, float* strip) =>
        TTiles.PackLines<TRounding>(state, stride, rows, depth, strip, 0, TTiles.Rows);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(int rows, int columns, int depth, float* strip, float* panel, float* bias, float* c, nint stride)
    {
        var blocks = (depth + MaxBlockDepth - 1) / MaxBlockDepth;
        var blockDepth = ((depth + blocks - 1) / blocks + 15) / 16 * 16;
        for (var k = 0; k < depth; k += blockDepth)
        {
            var last = k + blockDepth >= depth;
            TTiles.Compute(rows, columns, Math.Min(blockDepth, depth - k), strip + (nint)k * TTiles.Rows, TTiles.Rows, panel + (nint)k * TTiles.Columns, TTiles.Columns,
                c, stride, last ? bias : null, k > 0);
        }
    }
}
