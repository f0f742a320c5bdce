using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Any processor: 4×8 tiles of portable 128-bit vectors.</summary>
internal readonly unsafe partial struct AttentionTiles128 : IAttentionTiles
{
    public static void Transpose(float* source, nint stride, int lines, int depth, float* target) =>
        MatMulTiles128.PackLines<NoRounding>(source, stride, lines, depth, target, (nint)depth * 2 * Lanes, 2 * Lanes);
}
