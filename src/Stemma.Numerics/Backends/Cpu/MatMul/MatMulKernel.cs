using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>A way to multiply matrices on this processor.</summary>
/// <remarks>
/// <para>Every kernel keeps this contract: an element of C is a sum over k in an order that depends on the depth alone. So a row of C has
/// the same bits whether it is computed alone or among a thousand, by one thread or by many.</para>
/// <para>The sum is cut into blocks of k. Inside a block one accumulator takes the products one after the other, fused where the
/// processor fuses; the blocks are added in order: ((C + block₀) + block₁) + … + bias. (A tile unit starts from C, or from the bias.)</para>
/// </remarks>
internal abstract unsafe class MatMulKernel
{
    /// <summary>Multiplications below which a fork costs more than it saves.</summary>
    private const long ForkThreshold = 1 << 18;

    /// <summary>The same of rounded factors, which are packed first and multiplied in half the time.</summary>
    private const long RoundedForkThreshold = 3 << 17;

    private const int FewRows = 4;
    private const int FewRowsCost = 16;

    /// <summary>Multiplications of one product of a batch above which the product, and not the batch, is spread over the pool.</summary>
    private const long SplitThreshold = 1 << 22;

    private static readonly Lazy<MatMulKernel> s_best = new(() => For(ProcessorLevels.Current));

    /// <summary>The kernel of the level in use.</summary>
    public static MatMulKernel Best => s_best.Value;

    /// <summary>What the kernel is called in a benchmark's table.</summary>
    public abstract string Name { get; }

    /// <summary>The kernel of a level, which must be available.</summary>
    public static MatMulKernel For(ProcessorLevel level) => level switch
    {
        ProcessorLevel.Portable => new BlockedMatMul<MatMulTiles128>(),
        ProcessorLevel.Avx2 => new BlockedMatMul<MatMulTiles256>(),
        ProcessorLevel.Avx512 => new BlockedMatMul<MatMulTiles512>(),
        ProcessorLevel.Avx512BFloat16 => new BFloat16MatMul(new DotProductKernels(CallingConventions.Here)),
        ProcessorLevel.Amx => new BFloat16MatMul(new TileKernels(CallingConventions.Here)),
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Unknown processor level."),
    };

    /// <summary>Computes all products of the batch, spread over the pool.</summary>
    public void Run(WorkerPool pool, in MatMulArguments arguments) => Batch(pool, arguments);

    /// <summary>Computes all products of the batch on the calling thread: for small matrices, inside a parallel region.</summary>
    public void Run(in MatMulArguments arguments) => Batch(null, arguments);

    /// <summary>Whether a product of this kind can read op(B) in panels that <see cref="Pack"/> made before.</summary>
    public abstract bool UsesPanels(in MatMulArguments arguments);

    /// <summary>Packs op(B), for <see cref="MatMulArguments.PackedB"/> of products with the same B, types and precision.</summary>
    public abstract PackedPanels Pack(WorkerPool? pool, in MatMulArguments arguments);

    /// <summary>Computes one product, not empty and of at least one step of k, with the pool's threads or alone. Where C is bfloat16 there is an epilogue, which stores it.</summary>
    protected abstract void Multiply(WorkerPool? pool, in MatMulArguments arguments);

    private void Batch(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (arguments.Rows <= 0 || arguments.Columns <= 0 || arguments.BatchCount <= 0)
            return;
        var products = (long)arguments.Rows * arguments.Columns * arguments.Depth;
        // A few rows wait for B to be read, and brought into order, longer than they are multiplied.
        var cost = arguments.Rows <= FewRows ? products * FewRowsCost : products;
        var threshold = arguments.Precision == MatMulPrecision.BFloat16 ? RoundedForkThreshold : ForkThreshold;
        if (pool != null && (pool.ThreadCount == 1 || cost * arguments.BatchCount < threshold))
            pool = null;
        if (pool != null && arguments.BatchCount > 1 && (products < SplitThreshold || arguments.BatchCount >= 4 * pool.ThreadCount))
        {
            // Small products go several to an item, so that an item is worth claiming.
            var perItem = (int)Math.Clamp(threshold / Math.Max(products, 1), 1, Math.Max(1, arguments.BatchCount / (4 * pool.ThreadCount)));
            pool.Run((arguments.BatchCount + perItem - 1) / perItem, new BatchWork(this, arguments, perItem));
            return;
        }
        for (var i = 0; i < arguments.BatchCount; i++)
            One(pool, arguments.BatchCount == 1 ? arguments : arguments.Batch(i));
    }

    private void One(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (arguments.Depth <= 0)
            WithoutDepth(arguments);
        else if (arguments is { TypeC: DType.BFloat16, Epilogue: null })
            Multiply(pool, arguments with { Epilogue = new StoreEpilogue((BFloat16*)arguments.C, arguments.StrideC) });
        else
            Multiply(pool, arguments);
    }

    /// <summary>An empty sum is zero; the bias is added all the same.</summary>
    private static void WithoutDepth(in MatMulArguments arguments)
    {
        for (var row = 0; row < arguments.Rows; row++)
        {
            for (var column = 0; column < arguments.Columns; column++)
            {
                var c = MatMulArguments.At(arguments.C, arguments.TypeC, row * arguments.StrideC + column);
                var sum = arguments.Bias == null ? 0f : arguments.Bias[column];
                if (arguments.Accumulate) sum += arguments.TypeC == DType.BFloat16 ? *(BFloat16*)c : *(float*)c;
                if (arguments.Epilogue is { } epilogue) epilogue.Apply(&sum, 1, row, 1, column, 1);
                else if (arguments.TypeC == DType.BFloat16) *(BFloat16*)c = (BFloat16)sum;
                else *(float*)c = sum;
            }
        }
    }

    private readonly struct BatchWork(MatMulKernel kernel, MatMulArguments arguments, int perItem) : IParallelWork
    {
        public void Execute(int item)
        {
            var last = Math.Min(arguments.BatchCount, (item + 1) * perItem);
            for (var i = item * perItem; i < last; i++)
                kernel.One(null, arguments.Batch(i));
        }
    }
}
