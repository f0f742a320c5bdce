using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>AVX-512: 8×32 tiles, 16 accumulators: enough to hide the latency of a product, and as high as the staircase under a causal mask is worth climbing.</summary>
internal readonly unsafe partial struct AttentionTiles512 : IAttentionTiles
{
    public static void Transpose(float* source, nint stride, int lines, int depth, float* target) =>
        MatMulTiles512.PackLines<NoRounding>(source, stride, lines, depth, target, (nint)depth * 2 * Lanes, 2 * Lanes);
}
