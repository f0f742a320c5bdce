using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>float32: fused multiply-adds of the level's vectors. Twelve chains hide the latency of four to five cycles on two units.</summary>
internal sealed class VectorPeakLoop(ProcessorLevel level) : PeakLoop
{
    private const int Chains = 12;

    private float _sum;    // keeps the loops from being left out

    /// <inheritdoc/>
    public override double Flops => 2.0 * Chains * (level >= ProcessorLevel.Avx512 ? 16 : level == ProcessorLevel.Avx2 ? 8 : 4);

    /// <inheritdoc/>
    public override void Run(int iterations) =>
        _sum = level >= ProcessorLevel.Avx512 ? Multiply512(iterations) : level == ProcessorLevel.Avx2 ? Multiply256(iterations) : Multiply128(iterations);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply512(int iterations)
    {
        var (x, y) = (Vector512.Create(0.5f), Vector512.Create(1f));
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y);
            d = Avx512F.FusedMultiplyAdd(d, x, y); e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y);
            g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y); i = Avx512F.FusedMultiplyAdd(i, x, y);
            j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply256(int iterations)
    {
        var (x, y) = (Vector256.Create(0.5f), Vector256.Create(1f));
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y); d = Fma.MultiplyAdd(d, x, y);
            e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y); g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y);
            i = Fma.MultiplyAdd(i, x, y); j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply128(int iterations)
    {
        var (x, y) = (Vector128.Create(0.5f), Vector128.Create(1f));
        Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Vector128.MultiplyAddEstimate(a, x, y); b = Vector128.MultiplyAddEstimate(b, x, y); c = Vector128.MultiplyAddEstimate(c, x, y);
            d = Vector128.MultiplyAddEstimate(d, x, y); e = Vector128.MultiplyAddEstimate(e, x, y); f = Vector128.MultiplyAddEstimate(f, x, y);
            g = Vector128.MultiplyAddEstimate(g, x, y); h = Vector128.MultiplyAddEstimate(h, x, y); i = Vector128.MultiplyAddEstimate(i, x, y);
            j = Vector128.MultiplyAddEstimate(j, x, y); k = Vector128.MultiplyAddEstimate(k, x, y); l = Vector128.MultiplyAddEstimate(l, x, y);
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
