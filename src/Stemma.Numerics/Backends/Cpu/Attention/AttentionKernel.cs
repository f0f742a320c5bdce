using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Fused attention on this processor: how the work is cut into items. What an item computes is a kernel's own.</summary>
/// <remarks>
/// An output row has the same bits whatever queries are computed beside it: keys are taken in tiles that start at multiples of the tile size from
/// key 0, and a masked probability is an exact zero, which changes no sum. So prompt processing equals decoding one token at a time.
/// </remarks>
internal abstract unsafe class AttentionKernel
{
    /// <summary>Keys of a tile; tiles start at multiples of it.</summary>
    protected const int KeyTile = 64;

    /// <summary>log₂ e: scores are kept in units of it, for powers of two are cheaper.</summary>
    protected const float Log2E = 1.44269504f;

    private static readonly Lazy<AttentionKernel> s_best = new(() => For(ProcessorLevels.Current, ComputePrecision.Float32));
    private static readonly Lazy<AttentionKernel> s_bfloat16 = new(() => For(ProcessorLevels.Current, ComputePrecision.BFloat16));

    /// <summary>The kernel of the level in use.</summary>
    public static AttentionKernel Best(ComputePrecision precision) => (precision == ComputePrecision.BFloat16 ? s_bfloat16 : s_best).Value;

    /// <summary>The kernel of a level, which must be available. Factors are rounded to bfloat16 where that is asked for and there are instructions for it.</summary>
    public static AttentionKernel For(ProcessorLevel level, ComputePrecision precision) => level switch
    {
        ProcessorLevel.Portable => new TiledAttention<AttentionTiles128>(),
        ProcessorLevel.Avx2 => new TiledAttention<AttentionTiles256>(),
        ProcessorLevel.Avx512BFloat16 when precision == ComputePrecision.BFloat16 => new BFloat16Attention(new DotProductKernels(CallingConventions.Here)),
        ProcessorLevel.Amx when precision == ComputePrecision.BFloat16 => new BFloat16Attention(new TileKernels(CallingConventions.Here)),
        _ => new TiledAttention<AttentionTiles512>(),
    };

    /// <summary>Computes the output and the log-sum-exp of every query.</summary>
    /// <param name="pool">The threads to spread over.</param>
    /// <param name="arguments">Operands.</param>
    /// <param name="queryOffsets">The first query token of each sequence, and one more for the end of the last.</param>
    /// <param name="keyOffsets">The same for key tokens.</param>
    public void Forward(WorkerPool pool, in AttentionArguments arguments, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        fixed (int* queries = queryOffsets, keys = keyOffsets)
        {
            var sequences = new AttentionSequences(queries, keys, queryOffsets.Length - 1);
            var byHead = CutsByHead(pool, sequences.Count, arguments.HeadCount);
            for (var sequence = 0; sequence < sequences.Count; sequence++)
            {
                var count = sequences.QueryCount(sequence);
                sequences.SetItems(sequence, count == 1 && arguments.Kept == null
                    ? arguments.KvHeadCount * CeilingDivide(arguments.GroupSize, QueryTile.MaxCount)
                    : arguments.HeadCount * (byHead ? Math.Min(count, 1) : CeilingDivide(count, QueryTile.MaxCount)));
            }
            pool.Run(sequences.ItemCount, new ForwardWork(this, arguments, sequences, byHead));
        }
    }

    /// <summary>Computes the gradients of q, k and v, which are overwritten; probabilities are computed again from the log-sum-exp.</summary>
    public void Backward(WorkerPool pool, in AttentionArguments arguments, in AttentionGradients gradients, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        fixed (int* queries = queryOffsets, keys = keyOffsets)
        {
            var sequences = new AttentionSequences(queries, keys, queryOffsets.Length - 1);
            // A bias has a sum for each head of each sequence, which one item adds up.
            if (gradients.Bias != null || CutsByHead(pool, sequences.Count, arguments.KvHeadCount))
            {
                Run(pool, arguments, gradients, sequences, BackwardCut.Whole);
                return;
            }
            // Too few for the threads: scores are computed twice, so that tiles of keys and tiles of queries can be items. The sums run in the same order.
            Run(pool, arguments, gradients, sequences, BackwardCut.Keys);
            Run(pool, arguments, gradients, sequences, BackwardCut.Queries);
        }
    }

    /// <summary>Computes a tile of queries and those of its head after it, see <see cref="QueryTile.MoveNext"/>.</summary>
    protected abstract void Forward(in AttentionArguments m, QueryTile tile);

    /// <summary>Computes the gradients of a part; every sum runs over tiles in ascending order.</summary>
    protected abstract void Backward(in AttentionArguments m, in AttentionGradients d, in BackwardPart part);

    /// <summary>⌈a ÷ b⌉.</summary>
    protected static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    /// <summary>The smallest multiple of a step that is not below a count.</summary>
    protected static int RoundUp(int count, int step) => (count + step - 1) / step * step;

    /// <summary>Fills the heads of successive tokens with zeros.</summary>
    protected static void Clear(in HeadRows rows, int first, int count, int head, int size)
    {
        for (var i = 0; i < count; i++)
            new Span<float>(rows.At(first + i, head), size).Clear();
    }

    /// <summary>The log-sum-exp of a tile's queries in units of log₂ e, and Σ output · its gradient times the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected static void Statistics(in AttentionArguments m, in AttentionGradients d, in QueryTile tile, float* shifts, float* deltas)
    {
        for (var i = 0; i < tile.Count; i++)
        {
            var logSumExp = m.LogSumExp[tile.Statistic(m, i)];
            // A query that sees no key has a log-sum-exp of −∞ and no probability anywhere.
            shifts[i] = float.IsNegativeInfinity(logSumExp) ? float.PositiveInfinity : logSumExp * Log2E;
            deltas[i] = Dot(tile.Row(m.Output, i), tile.Row(d.Output, i), m.HeadSize) * m.Scale;
        }
    }

    /// <summary>Whether there are enough heads and sequences to give each thread whole ones; they keep a head's keys in its cache.</summary>
    private static bool CutsByHead(WorkerPool pool, int sequenceCount, int headCount) => pool.ThreadCount == 1 || sequenceCount * headCount >= 3 * pool.ThreadCount;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, float* y, int size)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < size; i += 16)
            sum += VectorMath.Load(x + i, size - i) * VectorMath.Load(y + i, size - i);
        return VectorMath.Sum(sum);
    }

    private void Run(WorkerPool pool, in AttentionArguments arguments, in AttentionGradients gradients, in AttentionSequences sequences, BackwardCut cut)
    {
        for (var sequence = 0; sequence < sequences.Count; sequence++)
        {
            sequences.SetItems(sequence, arguments.KvHeadCount * cut switch
            {
                BackwardCut.Keys => CeilingDivide(sequences.KeyCount(sequence), KeyTile),
                BackwardCut.Queries => CeilingDivide(sequences.QueryCount(sequence), QueryTile.MaxCount),
                _ => 1,
            });
        }
        pool.Run(sequences.ItemCount, new BackwardWork(this, arguments, gradients, sequences, cut));
    }

    /// <summary>An item is a head or a tile of its queries; where there is one query and no gradient to follow, all heads that share a key head at once.</summary>
    private readonly struct ForwardWork(AttentionKernel kernel, AttentionArguments arguments, AttentionSequences sequences, bool byHead) : IParallelWork
    {
        public void Execute(int item)
        {
            ref readonly var m = ref arguments;
            var sequence = sequences.Find(ref item);
            var queryCount = sequences.QueryCount(sequence);
            if (queryCount == 1 && m.Kept == null)
            {
                var perHead = CeilingDivide(m.GroupSize, QueryTile.MaxCount);
                var kvHead = item / perHead;
                var head = kvHead * m.GroupSize + item % perHead * QueryTile.MaxCount;
                var count = Math.Min(QueryTile.MaxCount, (kvHead + 1) * m.GroupSize - head);
                kernel.Forward(m, sequences.Tiles(m, sequence, head, 0, 1) with { HeadStep = 1, TokenStep = 0, Left = count, Count = count });
            }
            else if (byHead)
            {
                kernel.Forward(m, sequences.Tiles(m, sequence, item, 0, queryCount));
            }
            else
            {
                // The last tile sees the most keys: it goes first.
                var first = (CeilingDivide(queryCount, QueryTile.MaxCount) - 1 - item / m.HeadCount) * QueryTile.MaxCount;
                kernel.Forward(m, sequences.Tiles(m, sequence, item % m.HeadCount, first, Math.Min(queryCount, first + QueryTile.MaxCount)));
            }
        }
    }

    /// <summary>What an item of the backward pass is.</summary>
    private enum BackwardCut
    {
        /// <summary>A key head of a sequence: all three gradients.</summary>
        Whole,

        /// <summary>A tile of keys: the gradients of k and v.</summary>
        Keys,

        /// <summary>A tile of queries of all heads that share a key head: the gradient of q.</summary>
        Queries,
    }

    private readonly struct BackwardWork(AttentionKernel kernel, AttentionArguments arguments, AttentionGradients gradients, AttentionSequences sequences, BackwardCut cut) : IParallelWork
    {
        public void Execute(int item)
        {
            var sequence = sequences.Find(ref item);
            var tile = item / arguments.KvHeadCount;
            var part = new BackwardPart
            {
                Sequences = sequences,
                Sequence = sequence,
                KvHead = item % arguments.KvHeadCount,
                KeyTo = sequences.KeyCount(sequence),
                QueryTo = sequences.QueryCount(sequence),
                WantsKeys = cut != BackwardCut.Queries,
                WantsQueries = cut != BackwardCut.Keys,
            };
            kernel.Backward(arguments, gradients, cut switch
            {
                BackwardCut.Keys => part with { KeyFrom = tile * KeyTile, KeyTo = Math.Min(part.KeyTo, (tile + 1) * KeyTile) },
                BackwardCut.Queries => part with { QueryFrom = tile * QueryTile.MaxCount, QueryTo = Math.Min(part.QueryTo, (tile + 1) * QueryTile.MaxCount) },
                _ => part,
            });
        }
    }
}

/// <summary>Which queries and keys of a key head of a sequence, with all query heads that read it, and which gradients.</summary>
internal readonly record struct BackwardPart
{
    /// <summary>All sequences.</summary>
    public required AttentionSequences Sequences { get; init; }

    /// <summary>Number of the sequence.</summary>
    public required int Sequence { get; init; }

    /// <summary>The key head.</summary>
    public required int KvHead { get; init; }

    /// <summary>First key, a multiple of the tile.</summary>
    public int KeyFrom { get; init; }

    /// <summary>One more than the last key.</summary>
    public required int KeyTo { get; init; }

    /// <summary>First query, a multiple of the tile.</summary>
    public int QueryFrom { get; init; }

    /// <summary>One more than the last query.</summary>
    public required int QueryTo { get; init; }

    /// <summary>Whether the gradients of k and v are wanted.</summary>
    public required bool WantsKeys { get; init; }

    /// <summary>Whether the gradient of q is wanted.</summary>
    public required bool WantsQueries { get; init; }
}
