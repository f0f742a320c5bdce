using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>y = residual + dropout(x) of the product x, held as <typeparamref name="T"/> holds it. Both are contiguous, of <paramref name="width"/> columns.</summary>
internal sealed unsafe class ResidualEpilogue<T>(float* residual, float* y, nint width, double probability, RandomStream stream) : Epilogue where T : unmanaged
{
    private const int Piece = 512;

    /// <summary>Random words that a draw is a multiple of, so that none of them is made alone.</summary>
    private const int Draw = 32;

    /// <inheritdoc/>
    public override void Apply(float* sums, nint stride, int row, int rows, int column, int columns)
    {
        var bits = stackalloc uint[Piece + 2 * Draw];
        for (var i = 0; i < rows; i++)
        {
            for (var done = 0; done < columns; done += Piece)
            {
                var (count, at) = (Math.Min(Piece, columns - done), (row + i) * width + column + done);
                if (probability > 0)
                {
                    var before = (int)(at & 3);    // four words are drawn together
                    Philox.FillUniformBits(stream.Seed, stream.Stream, (ulong)(at - before), new Span<uint>(bits, (before + count + Draw - 1) / Draw * Draw));
                    Row(sums + i * stride + done, bits + before, residual + at, y + at, count);
                }
                else
                {
                    Row(sums + i * stride + done, residual + at, y + at, count);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override StripAhead Ahead(int row, int column, int steps) => Ahead(residual, y, width, row, column, steps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* sums, uint* bits, float* residual, float* y, nint count)
    {
        var (threshold, scale) = (Vector512.Create(RandomStream.DropoutThreshold(probability)), Vector512.Create((float)(1 / (1 - probability))));
        for (nint i = 0; i < count; i += VectorMath.Width)
        {
            var kept = Vector512.GreaterThanOrEqual(Vector512.Load(bits + i), threshold).AsSingle();
            var value = Stored<T>.Round(VectorMath.Load(sums + i, count - i)) * scale & kept;
            VectorMath.Store(value + VectorMath.Load(residual + i, count - i), y + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* sums, float* residual, float* y, nint count)
    {
        for (nint i = 0; i < count; i += VectorMath.Width)
            VectorMath.Store(Stored<T>.Round(VectorMath.Load(sums + i, count - i)) + VectorMath.Load(residual + i, count - i), y + i, count - i);
    }
}
