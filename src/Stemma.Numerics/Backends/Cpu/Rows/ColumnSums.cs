using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>Sums over rows: the gradient of a bias.</summary>
internal static unsafe class ColumnSums
{
    /// <summary>sums[column] = Σ over rows of x[row, column], in fixed chunks of rows that are added in order.</summary>
    public static void Run<T>(WorkerPool pool, T* x, nint stride, nint rows, nint width, float* sums) where T : unmanaged
    {
        var chunks = RowChunks.Partial(rows, width);
        var partials = Scratch.Take(ScratchSlot.Partials, Math.Max(1, chunks.Count) * width);
        pool.Run(chunks.Count, new Work<T>(x, stride, width, partials, chunks));
        Combine(partials, width, chunks.Count, width, sums);
    }

    /// <summary>Adds the chunks' partial sums, which stand <paramref name="stride"/> apart, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(float* partials, nint stride, int chunks, nint width, float* sums)
    {
        for (nint i = 0; i < width; i += 16)
        {
            var sum = Vector512<float>.Zero;
            for (var chunk = 0; chunk < chunks; chunk++)
                sum += VectorMath.Load(partials + chunk * stride + i, width - i);
            VectorMath.Store(sum, sums + i, width - i);
        }
    }

    private readonly struct Work<T>(T* x, nint stride, nint width, float* partials, RowChunks chunks) : IParallelWork where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var sums = partials + item * width;
            new Span<float>(sums, (int)width).Clear();
            var (row, end) = (chunks.First(item), chunks.End(item));
            for (; row + 4 <= end; row += 4)
            {
                T* a = x + row * stride, b = a + stride, c = b + stride, d = c + stride;
                nint i = 0;
                for (; i <= width - 16; i += 16)
                    (Vector512.Load(sums + i) + Stored<T>.Load(a + i) + Stored<T>.Load(b + i) + Stored<T>.Load(c + i) + Stored<T>.Load(d + i)).Store(sums + i);
                var left = width - i;
                if (left > 0)
                    VectorMath.Store(VectorMath.Load(sums + i, left) + Stored<T>.Load(a + i, left) + Stored<T>.Load(b + i, left) + Stored<T>.Load(c + i, left) + Stored<T>.Load(d + i, left), sums + i, left);
            }
            for (; row < end; row++)
                for (nint i = 0; i < width; i += 16)
                    VectorMath.Store(VectorMath.Load(sums + i, width - i) + Stored<T>.Load(x + row * stride + i, width - i), sums + i, width - i);
        }
    }
}
