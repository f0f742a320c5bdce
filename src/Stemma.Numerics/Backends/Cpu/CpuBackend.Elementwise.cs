using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Copy(Tensor x, Tensor y)
    {
        var plain = x.IsContiguous && y.IsContiguous && x.Shape == y.Shape;
        if (plain && x.DType == DType.Float32 && y.DType == DType.BFloat16) _pool.Run(Items(x.Count), new ConvertWork<float, BFloat16>(x.Pointer<float>(), y.Pointer<BFloat16>(), x.Count));
        else if (plain && x.DType == DType.BFloat16 && y.DType == DType.Float32) _pool.Run(Items(x.Count), new ConvertWork<BFloat16, float>(x.Pointer<BFloat16>(), y.Pointer<float>(), x.Count));
        else if (x.DType != DType.Float32 || y.DType != DType.Float32) _definition.Copy(x, y);
        else if (plain) _pool.Run(Items(x.Count), new CopyWork(x.Pointer<float>(), y.Pointer<float>(), x.Count));
        else if (y.Count > 0 && !TransposedCopy.TryRun(_pool, y.Shape, x.Strides.Broadcast(x.Shape, y.Shape), y.Strides, x.Pointer<float>(), y.Pointer<float>())) Strided<KeepKernel>(x, x, y);
    }

    public void Accumulate(Tensor x, Tensor y) => Zip<AddKernel>(y, x, y);

    public void Affine(Tensor x, double scale, double shift, Tensor y)
    {
        if (x.DType != DType.Float32) _definition.Affine(x, scale, shift, y);
        else _pool.Run(Items(x.Count), new AffineWork(x.Pointer<float>(), y.Pointer<float>(), x.Count, (float)scale, (float)shift));
    }

    public void Clamp(Tensor x, double low, double high, Tensor y)
    {
        if (x.DType != DType.Float32) _definition.Clamp(x, low, high, y);
        else _pool.Run(Items(x.Count), new ClampWork(x.Pointer<float>(), y.Pointer<float>(), x.Count, (float)low, (float)high));
    }

    public void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel
    {
        if (x.DType == DType.Float32) _pool.Run(Items(x.Count), new MapWork<TKernel, float>(x.Pointer<float>(), y.Pointer<float>(), x.Count));
        else if (x.DType == DType.BFloat16) _pool.Run(Items(x.Count), new MapWork<TKernel, BFloat16>(x.Pointer<BFloat16>(), y.Pointer<BFloat16>(), x.Count));
        else _definition.Map<TKernel>(x, y);
    }

    public void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel
    {
        if (dx.DType == DType.Float32) _pool.Run(Items(dx.Count), new MapGradientWork<TKernel, float>(x.Pointer<float>(), y.Pointer<float>(), dy.Pointer<float>(), dx.Pointer<float>(), dx.Count));
        else if (dx.DType == DType.BFloat16) _pool.Run(Items(dx.Count), new MapGradientWork<TKernel, BFloat16>(x.Pointer<BFloat16>(), y.Pointer<BFloat16>(), dy.Pointer<BFloat16>(), dx.Pointer<BFloat16>(), dx.Count));
        else _definition.MapGradient<TKernel>(x, y, dy, dx);
    }

    public void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel
    {
        if (y.DType != DType.Float32) _definition.Zip<TKernel>(a, b, y);
        else Strided<TKernel>(a, b, y);
    }

    public void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y)
    {
        var sum = residual is { DType: DType.Float32 } ? residual.Pointer<float>() : null;
        var items = Items(x.Count);
        switch (x.DType, y.DType)
        {
            case (DType.Float32, DType.Float32): _pool.Run(items, new DropoutWork<float, float>(x.Pointer<float>(), sum, y.Pointer<float>(), x.Count, probability, stream)); break;
            case (DType.BFloat16, DType.Float32): _pool.Run(items, new DropoutWork<BFloat16, float>(x.Pointer<BFloat16>(), sum, y.Pointer<float>(), x.Count, probability, stream)); break;
            case (DType.Float32, DType.BFloat16): _pool.Run(items, new DropoutWork<float, BFloat16>(x.Pointer<float>(), sum, y.Pointer<BFloat16>(), x.Count, probability, stream)); break;
            default: _definition.Dropout(x, probability, stream, residual, y); break;
        }
    }

    private void Strided<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel
    {
        if (y.Count == 0) return;
        var plan = new StridedPlan(y.Shape, a.Strides.Broadcast(a.Shape, y.Shape), b.Strides.Broadcast(b.Shape, y.Shape), y.Strides);
        _pool.Run(plan.Items(Chunk), new ZipWork<TKernel>(plan, a.Pointer<float>(), b.Pointer<float>(), y.Pointer<float>()));
    }

    private readonly struct KeepKernel : IBinaryKernel
    {
        public static string Formula => "a";

        public static T Apply<T>(T a, T b) where T : struct, System.Numerics.IFloatingPointIeee754<T> => a;

        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => a;
    }

    private readonly struct CopyWork(float* x, float* y, long count) : IParallelWork
    {
        public void Execute(int item)
        {
            var start = (long)item * Chunk;
            var bytes = Math.Min(Chunk, count - start) * sizeof(float);
            Buffer.MemoryCopy(x + start, y + start, bytes, bytes);
        }
    }

    private readonly struct AffineWork(float* x, float* y, long count, float scale, float shift) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (i, end) = ((long)item * Chunk, Math.Min(count, (item + 1L) * Chunk));
            var (s, t) = (Vector512.Create(scale), Vector512.Create(shift));
            for (; i <= end - VectorMath.Width; i += VectorMath.Width) (Vector512.Load(x + i) * s + t).Store(y + i);
            if (i < end) VectorMath.Store(VectorMath.Load(x + i, (nint)(end - i)) * s + t, y + i, (nint)(end - i));
        }
    }

    private readonly struct ClampWork(float* x, float* y, long count, float low, float high) : IParallelWork
    {
        public void Execute(int item)
        {
            var end = Math.Min(count, (item + 1L) * Chunk);
            for (var i = (long)item * Chunk; i < end; i++) y[i] = float.Clamp(x[i], low, high);
        }
    }

    private readonly struct ConvertWork<TFrom, TTo>(TFrom* x, TTo* y, long count) : IParallelWork where TFrom : unmanaged where TTo : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (i, end) = ((long)item * Chunk, Math.Min(count, (item + 1L) * Chunk));
            for (; i <= end - VectorMath.Width; i += VectorMath.Width) Stored<TTo>.Store(Stored<TFrom>.Load(x + i), y + i);
            if (i < end) Stored<TTo>.Store(Stored<TFrom>.Load(x + i, (nint)(end - i)), y + i, (nint)(end - i));
        }
    }

    private readonly struct MapWork<TKernel, T>(T* x, T* y, long count) : IParallelWork where TKernel : struct, IUnaryKernel where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (i, end) = ((long)item * Chunk, Math.Min(count, (item + 1L) * Chunk));
            for (; i <= end - VectorMath.Width; i += VectorMath.Width) Stored<T>.Store(TKernel.Apply(Stored<T>.Load(x + i)), y + i);
            if (i < end) Stored<T>.Store(TKernel.Apply(Stored<T>.Load(x + i, (nint)(end - i))), y + i, (nint)(end - i));
        }
    }

    private readonly struct MapGradientWork<TKernel, T>(T* x, T* y, T* dy, T* dx, long count) : IParallelWork where TKernel : struct, IUnaryKernel where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (i, end) = ((long)item * Chunk, Math.Min(count, (item + 1L) * Chunk));
            for (; i <= end - VectorMath.Width; i += VectorMath.Width) Stored<T>.Store(TKernel.Gradient(Stored<T>.Load(x + i), Stored<T>.Load(y + i), Stored<T>.Load(dy + i)), dx + i);
            var rest = (nint)(end - i);
            if (rest > 0) Stored<T>.Store(TKernel.Gradient(Stored<T>.Load(x + i, rest), Stored<T>.Load(y + i, rest), Stored<T>.Load(dy + i, rest)), dx + i, rest);
        }
    }

    private readonly struct DropoutWork<TX, TY>(TX* x, float* residual, TY* y, long count, double probability, RandomStream stream) : IParallelWork where TX : unmanaged where TY : unmanaged
    {
        private const int Piece = 1024;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (threshold, scale) = (Vector512.Create(RandomStream.DropoutThreshold(probability)), Vector512.Create((float)(1 / (1 - probability))));
            var bits = stackalloc uint[Piece];
            var end = Math.Min(count, (item + 1L) * Chunk);
            for (var start = (long)item * Chunk; start < end; start += Piece)
            {
                var length = Math.Min(Piece, end - start);
                if (probability > 0) Philox.FillUniformBits(stream.Seed, stream.Stream, (ulong)start, new Span<uint>(bits, Piece));
                for (var i = 0L; i < length; i += VectorMath.Width)
                {
                    var left = (nint)(length - i);
                    var kept = Vector512.GreaterThanOrEqual(Vector512.Load(bits + i), threshold).AsSingle();
                    var value = Stored<TX>.Load(x + start + i, left) * scale & kept;
                    if (residual != null) value += VectorMath.Load(residual + start + i, left);
                    Stored<TY>.Store(value, y + start + i, left);
                }
            }
        }
    }

    private readonly struct ZipWork<TKernel>(StridedPlan plan, float* a, float* b, float* y) : IParallelWork where TKernel : struct, IBinaryKernel
    {
        public void Execute(int item)
        {
            var walk = plan.Start(item, Chunk);
            while (walk.Next(plan, out var run)) Row(a + run.A, plan.InnerA, b + run.B, plan.InnerB, y + run.Y, plan.InnerY, run.Length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row(float* a, long stepA, float* b, long stepB, float* y, long stepY, long count)
        {
            var i = 0L;
            if (stepY != 1 || stepA is not (0 or 1) || stepB is not (0 or 1))
            {
                Scattered(a, stepA, b, stepB, y, stepY, count);
                return;
            }
            if (stepA == 1 && stepB == 1)
                for (; i <= count - VectorMath.Width; i += VectorMath.Width) TKernel.Apply(Vector512.Load(a + i), Vector512.Load(b + i)).Store(y + i);
            else if (stepA == 1)
                for (var v = Vector512.Create(*b); i <= count - VectorMath.Width; i += VectorMath.Width) TKernel.Apply(Vector512.Load(a + i), v).Store(y + i);
            else if (stepB == 1)
                for (var v = Vector512.Create(*a); i <= count - VectorMath.Width; i += VectorMath.Width) TKernel.Apply(v, Vector512.Load(b + i)).Store(y + i);
            for (; i < count; i += VectorMath.Width)
            {
                var left = (nint)(count - i);
                var first = stepA == 1 ? VectorMath.Load(a + i, left) : Vector512.Create(*a);
                var second = stepB == 1 ? VectorMath.Load(b + i, left) : Vector512.Create(*b);
                VectorMath.Store(TKernel.Apply(first, second), y + i, left);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Scattered(float* a, long stepA, float* b, long stepB, float* y, long stepY, long count)
        {
            for (var i = 0L; i < count; i += VectorMath.Width)
            {
                var part = Math.Min(VectorMath.Width, count - i);
                var result = TKernel.Apply(Spread(a + i * stepA, stepA, part), Spread(b + i * stepB, stepB, part));
                for (var k = 0; k < part; k++) y[(i + k) * stepY] = ((float*)&result)[k];
            }
        }

        private static Vector512<float> Spread(float* source, long step, long count)
        {
            var buffer = Vector512<float>.Zero;
            for (var k = 0; k < count; k++) ((float*)&buffer)[k] = source[k * step];
            return buffer;
        }
    }
}
