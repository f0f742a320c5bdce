using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>AVX2 with FMA: 6×16 tiles, 12 accumulators of the 16 registers.</summary>
internal readonly unsafe partial struct AttentionTiles256 : IAttentionTiles
{
    public static void Transpose(float* source, nint stride, int lines, int depth, float* target) =>
        MatMulTiles256.PackLines<NoRounding>(source, stride, lines, depth, target, (nint)depth * 2 * Lanes, 2 * Lanes);
}
