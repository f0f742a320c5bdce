using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu.Rows;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu;

// How a reduction is cut into pieces is a function of the shape alone, so its bits do not depend on the threads.
internal sealed unsafe partial class CpuBackend
{
    private const int PieceRows = 256;

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel
    {
        if (x.DType == DType.BFloat16 && outer == 1 && typeof(TKernel) == typeof(SumKernel))
        {
            ColumnSums.Run(_pool, x.Pointer<BFloat16>(), inner, length, inner, y.Pointer<float>());
            return;
        }
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
            var work = new ReduceColumnsWork<TKernel>(x, y, outer, length, inner, piece);
            _pool.Run(work.Items, work);
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
            // Halves against halves down to four numbers; the lanes beyond them hold what nobody reads.
            first = TKernel.Combine(first, first.GetUpper().ToVector512Unsafe());
            first = TKernel.Combine(first, first.GetLower().GetUpper().ToVector256Unsafe().ToVector512Unsafe());
            var four = first.GetLower().GetLower();
            var result = TKernel.Combine(TKernel.Combine(four[0], four[2]), TKernel.Combine(four[1], four[3]));
            for (; i < count; i++) result = TKernel.Combine(result, x[i]);
            return result;
        }
    }

    // A block is up to ColumnsPerBlock columns of one piece of rows: read row by row, added up in the first-level cache.
    private readonly struct ReduceColumnsWork<TKernel> : IParallelWork where TKernel : struct, IReductionKernel
    {
        private const int ColumnsPerBlock = 1024;

        private readonly float* _x, _y;
        private readonly long _length, _inner, _piece, _pieces, _columnBlocks, _blocks, _perItem;

        public ReduceColumnsWork(float* x, float* y, int outer, int length, int inner, int piece)
        {
            _x = x;
            _y = y;
            (_length, _inner, _piece) = (length, inner, piece);
            (_pieces, _columnBlocks) = ((length + piece - 1) / piece, (inner + ColumnsPerBlock - 1) / ColumnsPerBlock);
            _blocks = outer * _pieces * _columnBlocks;
            _perItem = Math.Max(1, Chunk / ((long)piece * Math.Clamp(inner, 1, ColumnsPerBlock)));
        }

        public int Items => checked((int)((_blocks + _perItem - 1) / _perItem));

        public void Execute(int item)
        {
            var end = Math.Min(_blocks, (item + 1) * _perItem);
            for (var block = item * _perItem; block < end; block++)
            {
                var (row, columnBlock) = Math.DivRem(block, _columnBlocks);
                var (o, at) = Math.DivRem(row, _pieces);
                var column = columnBlock * ColumnsPerBlock;
                var source = _x + (o * _length + at * _piece) * _inner + column;
                Block(source, _inner, _y + row * _inner + column, Math.Min(_piece, _length - at * _piece), Math.Min(ColumnsPerBlock, _inner - column));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Block(float* x, long step, float* y, long rows, long columns)
        {
            new Span<float>(y, (int)columns).Fill(TKernel.Identity<float>());
            for (; rows >= 4; rows -= 4, x += 4 * step)
            {
                var i = 0L;
                for (; i <= columns - VectorMath.Width; i += VectorMath.Width)
                {
                    var value = TKernel.Combine(TKernel.Combine(Vector512.Load(y + i), Vector512.Load(x + i)), Vector512.Load(x + i + step));
                    TKernel.Combine(TKernel.Combine(value, Vector512.Load(x + i + 2 * step)), Vector512.Load(x + i + 3 * step)).Store(y + i);
                }
                for (; i < columns; i++) y[i] = TKernel.Combine(TKernel.Combine(TKernel.Combine(TKernel.Combine(y[i], x[i]), x[i + step]), x[i + 2 * step]), x[i + 3 * step]);
            }
            for (; rows > 0; rows--, x += step)
            {
                var i = 0L;
                for (; i <= columns - VectorMath.Width; i += VectorMath.Width) TKernel.Combine(Vector512.Load(y + i), Vector512.Load(x + i)).Store(y + i);
                for (; i < columns; i++) y[i] = TKernel.Combine(y[i], x[i]);
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
