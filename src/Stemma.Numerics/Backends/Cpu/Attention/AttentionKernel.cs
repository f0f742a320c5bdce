namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Fused attention on this processor.</summary>
/// <remarks>
/// An output row has the same bits whatever queries are computed beside it: keys are taken in tiles that start at multiples of the tile size from
/// key 0, and a masked probability is an exact zero, which changes no sum. So prompt processing equals decoding one token at a time.
/// </remarks>
internal abstract class AttentionKernel
{
    /// <summary>The kernel of the level in use.</summary>
    public static AttentionKernel Best { get; } = For(ProcessorLevels.Current);

    /// <summary>The kernel of a level, which must be available.</summary>
    public static AttentionKernel For(ProcessorLevel level) => level switch
    {
        ProcessorLevel.Portable => new TiledAttention<AttentionTiles128>(),
        ProcessorLevel.Avx2 => new TiledAttention<AttentionTiles256>(),
        _ => new TiledAttention<AttentionTiles512>(),
    };

    /// <summary>Computes the output and the log-sum-exp of every query.</summary>
    /// <param name="pool">The threads to spread over.</param>
    /// <param name="arguments">Operands.</param>
    /// <param name="queryOffsets">The first query token of each sequence, and one more for the end of the last.</param>
    /// <param name="keyOffsets">The same for key tokens.</param>
    public abstract void Forward(WorkerPool pool, in AttentionArguments arguments, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets);

    /// <summary>Computes the gradients of q, k and v, which are overwritten; probabilities are computed again from the log-sum-exp.</summary>
    public abstract void Backward(WorkerPool pool, in AttentionArguments arguments, in AttentionGradients gradients, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets);
}
