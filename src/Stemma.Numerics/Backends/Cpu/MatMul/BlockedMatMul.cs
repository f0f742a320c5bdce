namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Packed, cache- and register-blocked matrix product. Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".</summary>
/// <remarks>
/// One operand is packed first, by all threads, into panels that all of them read; then the items of a grid over C are handed out, and
/// each packs its own part of the other operand as it goes. Tall problems share op(B), flat ones op(A). Which of the two, and how large the
/// items are, moves work between threads but never changes the order of a sum: blocks of k depend on the depth alone.
/// </remarks>
internal sealed unsafe class BlockedMatMul<TTiles> : MatMulKernel where TTiles : struct, ITileSet
{
    /// <summary>Multiplications below which a fork costs more than it saves.</summary>
    private const long ForkThreshold = 1 << 17;

    /// <summary>Multiplications of one product of a batch above which the product, and not the batch, is spread over the pool.</summary>
    private const long SplitThreshold = 1 << 22;

    /// <inheritdoc/>
    public override string Name => TTiles.Name;

    /// <inheritdoc/>
    public override void Run(WorkerPool pool, in MatMulArguments arguments) => Batch(pool, arguments);

    /// <inheritdoc/>
    public override void Run(in MatMulArguments arguments) => Batch(null, arguments);

    private static void Batch(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (arguments.Rows <= 0 || arguments.Columns <= 0 || arguments.BatchCount <= 0)
            return;
        var products = (long)arguments.Rows * arguments.Columns * arguments.Depth;
        if (pool != null && (pool.ThreadCount == 1 || products * arguments.BatchCount < ForkThreshold))
            pool = null;
        if (pool != null && arguments.BatchCount > 1 && (products < SplitThreshold || arguments.BatchCount >= 4 * pool.ThreadCount))
        {
            // Small products go several to an item, so that an item is worth claiming.
            var perItem = (int)Math.Clamp(ForkThreshold / Math.Max(products, 1), 1, Math.Max(1, arguments.BatchCount / (4 * pool.ThreadCount)));
            pool.Run((arguments.BatchCount + perItem - 1) / perItem, new BatchWork(arguments, perItem));
            return;
        }
        for (var i = 0; i < arguments.BatchCount; i++)
            One(pool, arguments.BatchCount == 1 ? arguments : arguments.Batch(i));
    }

    private static void One(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (arguments.Depth <= 0)
            WithoutDepth(arguments);
        else if (arguments.Precision == MatMulPrecision.BFloat16)
            Blocks<TTiles, BFloat16Rounding>.Run(pool, arguments);
        else
            Blocks<TTiles, NoRounding>.Run(pool, arguments);
    }

    /// <summary>An empty sum is zero; the bias is added all the same.</summary>
    private static void WithoutDepth(in MatMulArguments arguments)
    {
        for (var row = 0; row < arguments.Rows; row++)
        {
            var c = arguments.C + row * arguments.StrideC;
            for (var column = 0; column < arguments.Columns; column++)
                c[column] = (arguments.Accumulate ? c[column] : 0f) + (arguments.Bias == null ? 0f : arguments.Bias[column]);
        }
    }

    private readonly struct BatchWork(MatMulArguments arguments, int perItem) : IParallelWork
    {
        public void Execute(int item)
        {
            var last = Math.Min(arguments.BatchCount, (item + 1) * perItem);
            for (var i = item * perItem; i < last; i++)
                One(null, arguments.Batch(i));
        }
    }
}
