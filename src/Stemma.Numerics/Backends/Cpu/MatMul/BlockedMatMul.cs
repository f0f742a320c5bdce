namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Packed, cache- and register-blocked matrix product in float32. Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".</summary>
/// <remarks>
/// One operand is packed first, by all threads, into panels that all of them read; then the items of a grid over C are handed out, and
/// each packs its own part of the other operand as it goes. Tall problems share op(B), flat ones op(A). Which of the two, and how large the
/// items are, moves work between threads but never changes the order of a sum: blocks of k depend on the depth alone.
/// </remarks>
internal sealed class BlockedMatMul<TTiles> : MatMulKernel where TTiles : struct, ITileSet
{
    /// <inheritdoc/>
    public override string Name => TTiles.Name;

    /// <inheritdoc/>
    protected override void Multiply(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (arguments.TypeA != DType.Float32 || arguments.TypeB != DType.Float32 || arguments.TypeC != DType.Float32)
            WidenedMatMul.Run(pool, this, arguments);
        else if (arguments.Precision == MatMulPrecision.BFloat16)
            Blocks<TTiles, BFloat16Rounding>.Run(pool, arguments);
        else
            Blocks<TTiles, NoRounding>.Run(pool, arguments);
    }
}
