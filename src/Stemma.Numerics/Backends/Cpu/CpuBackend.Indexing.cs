using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    private const int RowsPerItem = 64;
    private const int ColumnsPerItem = 64;

    public void Gather(Tensor table, Tensor ids, Tensor y)
    {
        if (table.DType != DType.Float32) _definition.Gather(table, ids, y);
        else _pool.Run((int)((ids.Count + RowsPerItem - 1) / RowsPerItem), new GatherWork(table.Pointer<float>(), ids.Pointer<int>(), y.Pointer<float>(), ids.Count, table.Shape[1]));
    }

    public void ScatterAdd(Tensor dy, Tensor ids, Tensor table)
    {
        if (dy.DType != DType.Float32) _definition.ScatterAdd(dy, ids, table);
        else _pool.Run((table.Shape[1] + ColumnsPerItem - 1) / ColumnsPerItem, new ScatterAddWork(dy.Pointer<float>(), ids.Pointer<int>(), table.Pointer<float>(), ids.Count, table.Shape[1]));
    }

    private readonly struct GatherWork(float* table, int* ids, float* y, long count, long size) : IParallelWork
    {
        public void Execute(int item)
        {
            var end = Math.Min(count, (item + 1L) * RowsPerItem);
            for (var i = (long)item * RowsPerItem; i < end; i++) Buffer.MemoryCopy(table + ids[i] * size, y + i * size, size * sizeof(float), size * sizeof(float));
        }
    }

    // Threads share the columns, not the ids: each row's sum keeps its order.
    private readonly struct ScatterAddWork(float* dy, int* ids, float* table, long count, long size) : IParallelWork
    {
        public void Execute(int item)
        {
            var (first, end) = ((long)item * ColumnsPerItem, Math.Min(size, (item + 1L) * ColumnsPerItem));
            for (var i = 0L; i < count; i++)
            {
                float* source = dy + i * size, target = table + ids[i] * size;
                var column = first;
                for (; column <= end - VectorMath.Width; column += VectorMath.Width) (Vector512.Load(target + column) + Vector512.Load(source + column)).Store(target + column);
                for (; column < end; column++) target[column] += source[column];
            }
        }
    }
}
