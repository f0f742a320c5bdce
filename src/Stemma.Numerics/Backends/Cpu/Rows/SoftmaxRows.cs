using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>Softmax and its logarithm over each row of a contiguous [rows, width] matrix, with their gradients. Output may be the input.</summary>
internal static unsafe class SoftmaxRows
{
    /// <summary>y = e^x ÷ Σ e^x.</summary>
    public static void Forward(WorkerPool pool, float* x, float* y, nint rows, nint width) => Run(pool, new SoftmaxWork(x, y, width, RowChunks.Independent(rows, width)));

    /// <summary>dx = y·(dy − Σ dy·y).</summary>
    public static void Backward(WorkerPool pool, float* y, float* dy, float* dx, nint rows, nint width) =>
        Run(pool, new SoftmaxGradientWork(y, dy, dx, width, RowChunks.Independent(rows, width)));

    /// <summary>y = x − log Σ e^x, nats.</summary>
    public static void LogForward(WorkerPool pool, float* x, float* y, nint rows, nint width) => Run(pool, new LogSoftmaxWork(x, y, width, RowChunks.Independent(rows, width)));

    /// <summary>dx = dy − e^y·Σ dy.</summary>
    public static void LogBackward(WorkerPool pool, float* y, float* dy, float* dx, nint rows, nint width) =>
        Run(pool, new LogSoftmaxGradientWork(y, dy, dx, width, RowChunks.Independent(rows, width)));

    /// <summary>The largest element of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(float* x, nint width)
    {
        var maximum = Vector512.Create(float.NegativeInfinity);
        for (nint i = 0; i < width; i += 16)
            maximum = Vector512.MaxNative(maximum, VectorMath.Load(x + i, width - i, float.NegativeInfinity));
        return VectorMath.Max(maximum);
    }

    /// <summary>Σ e^(x − shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumExp(float* x, nint width, float shift)
    {
        var shifts = Vector512.Create(shift);
        var sum = Vector512<float>.Zero;
        for (nint i = 0; i < width; i += 16)
            sum += VectorMath.ExpToNormal(VectorMath.Load(x + i, width - i, float.NegativeInfinity) - shifts);
        return VectorMath.Sum(sum);
    }

    /// <summary>y = e^(x − shift); returns its sum, equal to <see cref="SumExp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exp(float* x, float* y, nint width, float shift)
    {
        var shifts = Vector512.Create(shift);
        var sum = Vector512<float>.Zero;
        for (nint i = 0; i < width; i += 16)
        {
            var value = VectorMath.ExpToNormal(VectorMath.Load(x + i, width - i, float.NegativeInfinity) - shifts);
            sum += value;
            VectorMath.Store(value, y + i, width - i);
        }
        return VectorMath.Sum(sum);
    }

    private static void Run<TWork>(WorkerPool pool, TWork work) where TWork : struct, IRowWork => pool.Run(work.Chunks.Count, new RowLoop<TWork>(work));

    /// <summary>Work on one row at a time.</summary>
    private interface IRowWork
    {
        public RowChunks Chunks { get; }

        public void Row(nint row);
    }

    private readonly struct RowLoop<TWork>(TWork work) : IParallelWork where TWork : struct, IRowWork
    {
        public void Execute(int item)
        {
            for (var row = work.Chunks.First(item); row < work.Chunks.End(item); row++)
                work.Row(row);
        }
    }

    private readonly struct SoftmaxWork(float* x, float* y, nint width, RowChunks chunks) : IRowWork
    {
        public RowChunks Chunks => chunks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(nint row)
        {
            var to = y + row * width;
            var factor = Vector512.Create(1f / Exp(x + row * width, to, width, Max(x + row * width, width)));
            for (nint i = 0; i < width; i += 16)
                VectorMath.Store(VectorMath.Load(to + i, width - i) * factor, to + i, width - i);
        }
    }

    private readonly struct SoftmaxGradientWork(float* y, float* dy, float* dx, nint width, RowChunks chunks) : IRowWork
    {
        public RowChunks Chunks => chunks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(nint row)
        {
            var at = row * width;
            var sum = Vector512<float>.Zero;
            for (nint i = 0; i < width; i += 16)
                sum = Vector512.MultiplyAddEstimate(VectorMath.Load(y + at + i, width - i), VectorMath.Load(dy + at + i, width - i), sum);
            var shift = Vector512.Create(VectorMath.Sum(sum));
            for (nint i = 0; i < width; i += 16)
                VectorMath.Store(VectorMath.Load(y + at + i, width - i) * (VectorMath.Load(dy + at + i, width - i) - shift), dx + at + i, width - i);
        }
    }

    private readonly struct LogSoftmaxWork(float* x, float* y, nint width, RowChunks chunks) : IRowWork
    {
        public RowChunks Chunks => chunks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(nint row)
        {
            var from = x + row * width;
            var maximum = Max(from, width);
            // Two subtractions: beside a large maximum the logarithm would lose its digits.
            var first = Vector512.Create(maximum);
            var second = Vector512.Create(MathF.Log(SumExp(from, width, maximum)));
            for (nint i = 0; i < width; i += 16)
                VectorMath.Store(VectorMath.Load(from + i, width - i) - first - second, y + row * width + i, width - i);
        }
    }

    private readonly struct LogSoftmaxGradientWork(float* y, float* dy, float* dx, nint width, RowChunks chunks) : IRowWork
    {
        public RowChunks Chunks => chunks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Row(nint row)
        {
            var at = row * width;
            var sum = Vector512<float>.Zero;
            for (nint i = 0; i < width; i += 16)
                sum += VectorMath.Load(dy + at + i, width - i);
            var total = Vector512.Create(VectorMath.Sum(sum));
            for (nint i = 0; i < width; i += 16)
                VectorMath.Store(VectorMath.Load(dy + at + i, width - i) - VectorMath.ExpToNormal(VectorMath.Load(y + at + i, width - i)) * total, dx + at + i, width - i);
        }
    }
}
