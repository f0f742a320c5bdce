namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>A way to multiply matrices on this processor.</summary>
/// <remarks>
/// <para>Every kernel keeps this contract: an element of C is a sum over k in an order that depends on the depth alone. So a row of C has
/// the same bits whether it is computed alone or among a thousand, by one thread or by many.</para>
/// <para>The sum is cut into blocks of k. Inside a block one accumulator takes the products one after the other, fused where the
/// processor fuses; the blocks are added in order: ((C + block₀) + block₁) + … + bias.</para>
/// </remarks>
internal abstract class MatMulKernel
{
    /// <summary>The kernel of the level in use.</summary>
    public static MatMulKernel Best { get; } = For(ProcessorLevels.Current);

    /// <summary>The kernel of a level, which must be available.</summary>
    public static MatMulKernel For(ProcessorLevel level) => level switch
    {
        ProcessorLevel.Portable => new BlockedMatMul<MatMulTiles128>(),
        ProcessorLevel.Avx2 => new BlockedMatMul<MatMulTiles256>(),
        _ => new BlockedMatMul<MatMulTiles512>(),
    };

    /// <summary>What the kernel is called in a benchmark's table.</summary>
    public abstract string Name { get; }

    /// <summary>Computes all products of the batch, spread over the pool.</summary>
    public abstract void Run(WorkerPool pool, in MatMulArguments arguments);

    /// <summary>Computes all products of the batch on the calling thread: for small matrices, inside a parallel region.</summary>
    public abstract void Run(in MatMulArguments arguments);
}
