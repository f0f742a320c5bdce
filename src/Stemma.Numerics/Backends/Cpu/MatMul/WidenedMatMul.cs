namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Matrices stored in bfloat16 for kernels that read and write float32: copies of the factors; sums go to working memory, from where the epilogue takes them.</summary>
internal static unsafe class WidenedMatMul
{
    private const int RowsPerItem = 16;

    /// <summary>Computes one product with a kernel that takes float32 alone.</summary>
    public static void Run(WorkerPool? pool, MatMulKernel kernel, in MatMulArguments arguments)
    {
        var m = arguments;
        var (rowsA, widthA) = m.TransposeA ? (m.Depth, m.Rows) : (m.Rows, m.Depth);
        var (rowsB, widthB) = m.TransposeB ? (m.Columns, m.Depth) : (m.Depth, m.Columns);
        using var a = new PooledBuffer<float>(m.TypeA == DType.BFloat16 ? (long)rowsA * widthA : 1);
        using var b = new PooledBuffer<float>(m.TypeB == DType.BFloat16 ? (long)rowsB * widthB : 1);
        using var c = new PooledBuffer<float>(m.TypeC == DType.BFloat16 ? (long)m.Rows * m.Columns : 1);
        if (m.TypeA == DType.BFloat16)
        {
            Spread(pool, rowsA, new Widen((BFloat16*)m.A, m.StrideA, a.Pointer, rowsA, widthA));
            m = m with { A = a.Pointer, StrideA = widthA, TypeA = DType.Float32 };
        }
        if (m.TypeB == DType.BFloat16)
        {
            Spread(pool, rowsB, new Widen((BFloat16*)m.B, m.StrideB, b.Pointer, rowsB, widthB));
            m = m with { B = b.Pointer, StrideB = widthB, TypeB = DType.Float32 };
        }
        if (m.TypeC == DType.BFloat16)
        {
            if (m.Accumulate) Spread(pool, m.Rows, new Widen((BFloat16*)m.C, m.StrideC, c.Pointer, m.Rows, m.Columns));
            m = m with { C = c.Pointer, StrideC = m.Columns, TypeC = DType.Float32 };
        }
        if (pool == null) kernel.Run(m);
        else kernel.Run(pool, m);
    }

    private static void Spread<TWork>(WorkerPool? pool, int rows, TWork work) where TWork : struct, IParallelWork
    {
        var items = (rows + RowsPerItem - 1) / RowsPerItem;
        if (pool != null) pool.Run(items, work);
        else for (var item = 0; item < items; item++) work.Execute(item);
    }

    private readonly struct Widen(BFloat16* from, nint stride, float* to, int rows, int width) : IParallelWork
    {
        public void Execute(int item)
        {
            var end = Math.Min(rows, (item + 1) * RowsPerItem);
            for (var row = item * RowsPerItem; row < end; row++) BFloat16Spans.Widen(from + row * stride, to + (nint)row * width, width);
        }
    }
}
