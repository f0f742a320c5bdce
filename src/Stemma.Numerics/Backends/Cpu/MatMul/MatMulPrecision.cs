namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>What a matrix product's operands are rounded to; products and sums are float32 always.</summary>
internal enum MatMulPrecision
{
    /// <summary>Operands as they are.</summary>
    Float32,

    /// <summary>Operands rounded to bfloat16, to nearest even: what a bfloat16 tile unit computes from float32 matrices.</summary>
    BFloat16,
}
