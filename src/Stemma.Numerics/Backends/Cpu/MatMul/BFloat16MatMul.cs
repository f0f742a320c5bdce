using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Matrix product of bfloat16 factors by generated kernels; products of float32 factors go to the AVX-512 tiles.</summary>
internal sealed class BFloat16MatMul(StripKernels kernels) : MatMulKernel
{
    private readonly BlockedMatMul<MatMulTiles512> _float32 = new();

    /// <inheritdoc/>
    public override string Name => $"{_float32.Name}, {kernels.Name}";

    /// <inheritdoc/>
    public override bool UsesPanels(in MatMulArguments arguments) => IsBFloat16(arguments) || _float32.UsesPanels(arguments);

    /// <inheritdoc/>
    public override PackedPanels Pack(WorkerPool? pool, in MatMulArguments arguments) =>
        IsBFloat16(arguments) ? new BFloat16Blocks(kernels, arguments).Pack(pool) : _float32.Pack(pool, arguments);

    /// <inheritdoc/>
    protected override void Multiply(WorkerPool? pool, in MatMulArguments arguments)
    {
        if (IsBFloat16(arguments))
            new BFloat16Blocks(kernels, arguments).Run(pool);
        else if (pool != null)
            _float32.Run(pool, arguments);
        else
            _float32.Run(arguments);
    }

    private static bool IsBFloat16(in MatMulArguments arguments) =>
        arguments.Precision == MatMulPrecision.BFloat16 || (arguments.TypeA == DType.BFloat16 && arguments.TypeB == DType.BFloat16);
}
