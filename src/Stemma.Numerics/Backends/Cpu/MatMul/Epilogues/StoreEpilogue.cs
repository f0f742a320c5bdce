using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>c = sums, rounded to bfloat16.</summary>
internal sealed unsafe class StoreEpilogue(BFloat16* c, nint strideC) : Epilogue
{
    /// <inheritdoc/>
    public override void Apply(float* sums, nint stride, int row, int rows, int column, int columns)
    {
        for (var i = 0; i < rows; i++) BFloat16Spans.Narrow(sums + i * stride, c + (row + i) * strideC + column, columns);
    }

    /// <inheritdoc/>
    public override StripAhead Ahead(int row, int column, int steps) => Ahead(c, c, strideC, row, column, steps);
}
