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
    public override void PackSteps(float* values, nint stride, int rows, int k, int steps, int depth, float* strip)
    {
        // Packing overruns by up to a vector, into what another thread may have packed already: hence the detour.
        var length = steps * TTiles.Rows;
        var packed = stackalloc float[length + Padding];
        TTiles.PackLines<TRounding>(values, stride, rows, steps, packed, 0, TTiles.Rows);
        new Span<float>(packed, length).CopyTo(new(strip + (nint)k * TTiles.Rows, length));
    }

    /// <inheritdoc/>
    public override int BlockCount(int depth) => (depth + MaxBlockDepth - 1) / MaxBlockDepth;

    /// <inheritdoc/>
    public override void Multiply(int block, int rows, int depth, float* strip, float* panel, float* bias, float* c, nint stride)
    {
        var blocks = BlockCount(depth);
        var blockDepth = ((depth + blocks - 1) / blocks + 15) / 16 * 16;
        var k = (nint)block * blockDepth;
        TTiles.Compute(rows, TTiles.Columns, nint.Min(blockDepth, depth - k), strip + k * TTiles.Rows, 1, TTiles.Rows, panel + k * TTiles.Columns, TTiles.Columns,
            c, stride, block == blocks - 1 ? bias : null, block > 0);
    }
}
