namespace Stemma.Numerics;

/// <summary>How much of the processor the kernels use. Each level includes those before it.</summary>
public enum ProcessorLevel
{
    /// <summary>128-bit vectors of any processor.</summary>
    Portable,

    /// <summary>AVX2 and FMA: 256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>AVX-512 F and BW: 512-bit vectors.</summary>
    Avx512,

    /// <summary>AVX512_BF16: dot products of bfloat16 pairs, summed in float32.</summary>
    Avx512BFloat16,

    /// <summary>AMX-TILE and AMX-BF16: products of bfloat16 tiles, summed in float32.</summary>
    Amx,
}
