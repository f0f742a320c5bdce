using System.Runtime.CompilerServices;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>y = kernel(x) of the product x, which is stored too where <paramref name="x"/> is not null. Both are contiguous, of <paramref name="width"/> columns.</summary>
internal sealed unsafe class MapEpilogue<TKernel, T>(T* x, T* y, nint width) : Epilogue where TKernel : struct, IUnaryKernel where T : unmanaged
{
    /// <inheritdoc/>
    public override void Apply(float* sums, nint stride, int row, int rows, int column, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var at = (row + i) * width + column;
            if (x == null) Row(sums + i * stride, y + at, columns);
            else Row(sums + i * stride, x + at, y + at, columns);
        }
    }

    /// <inheritdoc/>
    public override StripAhead Ahead(int row, int column, int steps) => Ahead(y, x == null ? y : x, width, row, column, steps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* sums, T* y, nint count)
    {
        nint i = 0;
        for (; i <= count - VectorMath.Width; i += VectorMath.Width) Stored<T>.Store(TKernel.Apply(Stored<T>.Round(Stored<float>.Load(sums + i))), y + i);
        if (i < count) Stored<T>.Store(TKernel.Apply(Stored<T>.Round(Stored<float>.Load(sums + i, count - i))), y + i, count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* sums, T* x, T* y, nint count)
    {
        nint i = 0;
        for (; i <= count - VectorMath.Width; i += VectorMath.Width)
        {
            var value = Stored<T>.Round(Stored<float>.Load(sums + i));
            Stored<T>.StoreRounded(value, x + i);
            Stored<T>.Store(TKernel.Apply(value), y + i);
        }
        if (i < count)
        {
            var value = Stored<T>.Round(Stored<float>.Load(sums + i, count - i));
            Stored<T>.Store(value, x + i, count - i);
            Stored<T>.Store(TKernel.Apply(value), y + i, count - i);
        }
    }
}
