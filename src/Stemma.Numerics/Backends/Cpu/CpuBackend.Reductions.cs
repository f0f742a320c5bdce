using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu;

// How a reduction is cut into pieces is a function of the shape alone, so its bits do not depend on the threads.
internal sealed unsafe partial class CpuBackend
{
    private const int PieceRows = 256;

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel
    {
        if (x.DType != DType.Float32 || length == 0)
        {
            _definition.Reduce<TKernel>(x, outer, length, inner, y);
            return;
        }
        var piece = inner == 1 ? Chunk : PieceRows;
        var pieces = (length + piece - 1) / piece;
        if (pieces == 1)
        {
            Pieces<TKernel>(x.Pointer<float>(), outer, length, inner, length, y.Pointer<float>());
            return;
        }
        using var scratch = new PooledBuffer<float>((long)outer * pieces * inner);
        Pieces<TKernel>(x.Pointer<float>(), outer, length, inner, piece, scratch.Pointer);
        Pieces<TKernel>(scratch.Pointer, outer, pieces, inner, pieces, y.Pointer<float>());
    }

    public double SumOfSquares(Tensor x)
    {
        if (x.DType != DType.Float32) return _definition.SumOfSquares(x);
        var items = Items(x.Count);
        using var partial = new PooledBuffer<double>(items);
        _pool.Run(items, new SumOfSquaresWork(x.Pointer<float>(), partial.Pointer, x.Count));
        var sum = 0.0;
        for (var i = 0; i < items; i++) sum += partial.Pointer[i];
        return sum;
    }

    private void Pieces<TKernel>(float* x, int outer, int length, int inner, int piece, float* y) where TKernel : struct, IReductionKernel
    {
        var pieces = (length + piece - 1) / piece;
        if (inner == 1)
        {
            var rows = Math.Max(1, Chunk / piece);
            _pool.Run((int)(((long)outer * pieces + rows - 1) / rows), new ReduceRowsWork<TKernel>(x, y, outer, length, piece, pieces, rows));
        }
        else
        {
            _pool.Run(outer * pieces, new ReduceColumnsWork<TKernel>(x, y, length, inner, piece, pieces));
        }
    }

    private readonly struct ReduceRowsWork<TKernel>(float* x, float* y, int outer, int length, int piece, int pieces, int rows) : IParallelWork
        where TKernel : struct, IReductionKernel
    {
        public void Execute(int item)
        {
            var end = Math.Min((long)outer * pieces, (item + 1L) * rows);
            for (var i = (long)item * rows; i < end; i++)
            {
                var (row, at) = Math.DivRem(i, pieces);
                y[i] = Row(x + row * length + at * piece, Math.Min(piece, length - at * piece));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Row(float* x, long count)
        {
            var first = Vector512.Create(TKernel.Identity<float>());
            var second = first;
            var i = 0L;
            for (; i <= count - 2 * VectorMath.Width; i += 2 * VectorMath.Width)
            {
                first = TKernel.Combine(first, Vector512.Load(x + i));
                second = TKernel.Combine(second, Vector512.Load(x + i + VectorMath.Width));
            }
            for (; i <= count - VectorMath.Width; i += VectorMath.Width) first = TKernel.Combine(first, Vector512.Load(x + i));
            first = TKernel.Combine(first, second);
            var result = ((float*)&first)[0];
            for (var k = 1; k < VectorMath.Width; k++) result = TKernel.Combine(result, ((float*)&first)[k]);
            for (; i < count; i++) result = TKernel.Combine(result, x[i]);
            return result;
        }
    }

    private readonly struct ReduceColumnsWork<TKernel>(float* x, float* y, int length, int inner, int piece, int pieces) : IParallelWork
        where TKernel : struct, IReductionKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (o, at) = Math.DivRem(item, pieces);
            var source = x + ((long)o * length + (long)at * piece) * inner;
            var count = Math.Min(piece, length - at * piece);
            var target = y + (long)item * inner;
            var column = 0L;
            for (; column <= inner - VectorMath.Width; column += VectorMath.Width)
            {
                var value = Vector512.Create(TKernel.Identity<float>());
                for (var k = 0L; k < count; k++) value = TKernel.Combine(value, Vector512.Load(source + k * inner + column));
                value.Store(target + column);
            }
            for (; column < inner; column++)
            {
                var value = TKernel.Identity<float>();
                for (var k = 0L; k < count; k++) value = TKernel.Combine(value, source[k * inner + column]);
                target[column] = value;
            }
        }
    }

    private readonly struct SumOfSquaresWork(float* x, double* partial, long count) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (i, end) = ((long)item * Chunk, Math.Min(count, (item + 1L) * Chunk));
            var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (; i <= end - VectorMath.Width; i += VectorMath.Width)
            {
                var (a, b) = Vector512.Widen(Vector512.Load(x + i));
                low += a * a;
                high += b * b;
            }
            var sum = Vector512.Sum(low + high);
            for (; i < end; i++) sum += (double)x[i] * x[i];
            partial[item] = sum;
        }
    }
}
