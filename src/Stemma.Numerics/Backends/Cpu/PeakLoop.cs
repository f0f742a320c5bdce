using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Multiply-adds from registers alone, by the widest instruction that the matrix kernels of a level use: no kernel is faster.</summary>
internal abstract class PeakLoop
{
    private static readonly Lazy<PeakLoop> s_float32 = new(() => Of(ProcessorLevels.Current, ComputePrecision.Float32));
    private static readonly Lazy<PeakLoop> s_bfloat16 = new(() => Of(ProcessorLevels.Current, ComputePrecision.BFloat16));

    /// <summary>Floating-point operations of an iteration; a multiply-add is two.</summary>
    public abstract double Flops { get; }

    /// <summary>Runs on the calling thread.</summary>
    /// <param name="iterations">1 or more.</param>
    public abstract void Run(int iterations);

    /// <summary>The loop of the level in use.</summary>
    public static PeakLoop For(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? s_bfloat16.Value : s_float32.Value;

    /// <summary>The loop of a level, which must be available. Without instructions for bfloat16, rounded factors are multiplied as float32.</summary>
    public static PeakLoop Of(ProcessorLevel level, ComputePrecision precision) => (level, precision) switch
    {
        (ProcessorLevel.Avx512BFloat16, ComputePrecision.BFloat16) => new DotProductPeakLoop(CallingConventions.Here),
        (ProcessorLevel.Amx, ComputePrecision.BFloat16) => new TilePeakLoop(CallingConventions.Here),
        _ => new VectorPeakLoop(level),
    };
}
