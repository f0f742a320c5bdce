using System.Runtime.CompilerServices;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>dx = the kernel's gradient at x and y where the product is dy, and, unless null, value = the kernel of x. All are contiguous, of <paramref name="width"/> columns.</summary>
internal sealed unsafe class MapGradientEpilogue<TKernel, T>(T* x, T* y, T* dx, T* value, nint width) : Epilogue where TKernel : struct, IActivationKernel where T : unmanaged
{
    /// <inheritdoc/>
    public override void Apply(float* sums, nint stride, int row, int rows, int column, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var at = (row + i) * width + column;
            if (value == null) Row(sums + i * stride, x + at, y + at, dx + at, columns);
            else Row(sums + i * stride, x + at, y + at, dx + at, value + at, columns);
        }
    }

    /// <inheritdoc/>
    public override StripAhead Ahead(int row, int column, int steps) => Ahead(x, dx, width, row, column, steps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* sums, T* x, T* y, T* dx, nint count)
    {
        nint i = 0;
        // A load whose value nobody uses would be made all the same.
        for (; i <= count - VectorMath.Width; i += VectorMath.Width)
            Stored<T>.Store(TKernel.Gradient(Stored<T>.Load(x + i), TKernel.GradientReadsOutput ? Stored<T>.Load(y + i) : default, Stored<T>.Round(Stored<float>.Load(sums + i))), dx + i);
        var rest = count - i;
        if (rest > 0)
            Stored<T>.Store(TKernel.Gradient(Stored<T>.Load(x + i, rest), Stored<T>.Load(y + i, rest), Stored<T>.Round(Stored<float>.Load(sums + i, rest))), dx + i, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* sums, T* x, T* y, T* dx, T* value, nint count)
    {
        for (nint i = 0; i < count; i += VectorMath.Width)
        {
            var left = count - i;
            var gradient = TKernel.Gradient(Stored<T>.Load(x + i, left), Stored<T>.Round(Stored<float>.Load(sums + i, left)), out var result);
            Stored<T>.Store(gradient, dx + i, left);
            Stored<T>.Store(result, value + i, left);
        }
    }
}
