namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Packed, cache- and register-blocked matrix product in float32. Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication".</summary>
/// <remarks>
/// One operand is packed first, by all threads, into panels that all of them read; then the items of a grid over C are handed out, and
/// each packs its own part of the other operand as it goes. Tall problems share op(B), flat ones op(A). Which of the two, and how large the
/// items are, moves work between threads but never changes the order of a sum: blocks of k depend on the depth alone.
/// </remarks>
internal sealed class BlockedMatMul<TTiles> : MatMulKernel where TTiles : struct, ITileSet
{
    /// <summary>Values of a B up to which its panels are kept: they take as much memory again, and win most where B stays in a cache.</summary>
    private const long MaxPanelValues = 1 << 22;

    /// <inheritdoc/>
    public override string Name => TTiles.Name;

    /// <inheritdoc/>
    public override bool UsesPanels(in MatMulArguments arguments) => IsFloat32(arguments) && (long)arguments.Columns * arguments.Depth <= MaxPanelValues;

    /// <inheritdoc/>
    public override PackedPanels Pack(WorkerPool? pool, in MatMulArguments arguments) => arguments.Precision == MatMulPrecision.BFloat16
        ? Blocks<TTiles, BFloat16Rounding>.Pack(pool, arguments)
        : Blocks<TTiles, NoRounding>.Pack(pool, arguments);

    /// <inheritdoc/>
    protected override void Multiply(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (!IsFloat32(arguments))
            WidenedMatMul.Run(pool, this, arguments);
        else if (arguments.Precision == MatMulPrecision.BFloat16)
            Blocks<TTiles, BFloat16Rounding>.Run(pool, arguments);
        else
            Blocks<TTiles, NoRounding>.Run(pool, arguments);
    }

    private static bool IsFloat32(in MatMulArguments arguments) => arguments.TypeA == DType.Float32 && arguments.TypeB == DType.Float32 && arguments.TypeC == DType.Float32;
}
