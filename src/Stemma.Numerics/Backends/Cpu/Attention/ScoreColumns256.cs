using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>The inner loops of <see cref="ScoreColumns"/> for AVX2, over eight queries: what sixteen need does not fit into sixteen registers.</summary>
internal static unsafe class ScoreColumns256
{
    private const int Lanes = 8;

    /// <summary>Whether the processor has these vectors and none wider.</summary>
    public static bool IsSupported => Avx2.IsSupported && !Avx512F.IsSupported;

    /// <summary>Turns the scores of sixteen queries into (dropped) probabilities; returns the sums of those not dropped.</summary>
    public static Vector512<float> Exponentiate(in AttentionDropout dropout, in ScoreColumn column, Vector512<float> shift, float* scores) => dropout.Probability > 0f
        ? Vector512.Create(Exponentiate<Dropping>(dropout, column.Lower, shift.GetLower(), scores), Exponentiate<Dropping>(dropout, column.Upper, shift.GetUpper(), scores + Lanes))
        : Vector512.Create(Exponentiate<Keeping>(dropout, column.Lower, shift.GetLower(), scores), Exponentiate<Keeping>(dropout, column.Upper, shift.GetUpper(), scores + Lanes));

    /// <summary>Turns the scores of sixteen queries into (dropped) probabilities, and the gradients of those into gradients of scores.</summary>
    public static void Differentiate(in AttentionArguments m, in ScoreColumn column, float* scores, float* gradients, Vector512<float> shift, Vector512<float> delta)
    {
        if (m.Dropout.Probability > 0f)
        {
            Differentiate<Dropping>(m, column.Lower, scores, gradients, shift.GetLower(), delta.GetLower());
            Differentiate<Dropping>(m, column.Upper, scores + Lanes, gradients + Lanes, shift.GetUpper(), delta.GetUpper());
        }
        else
        {
            Differentiate<Keeping>(m, column.Lower, scores, gradients, shift.GetLower(), delta.GetLower());
            Differentiate<Keeping>(m, column.Upper, scores + Lanes, gradients + Lanes, shift.GetUpper(), delta.GetUpper());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Exponentiate<TDrops>(in AttentionDropout dropout, in HalfColumn column, Vector256<float> shift, float* scores) where TDrops : struct
    {
        var sum = Vector256<float>.Zero;
        var kept = stackalloc float[4 * Lanes];
        for (var j = column.Low; j < column.End; j += 4)
        {
            if (typeof(TDrops) == typeof(Dropping))
                dropout.Kept(column.Blocks(j, 0), column.Blocks(j, 4), kept);
            for (var i = 0; i < 4; i++)
            {
                var at = scores + (j + i) * QueryTile.MaxCount;
                var p = VectorMath256.Exp2(Vector256.Load(at) - shift);
                sum += p;
                if (typeof(TDrops) == typeof(Dropping))
                    p &= Vector256.Load(kept + i * Lanes);
                p.Store(at);
            }
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate<TDrops>(in AttentionArguments m, in HalfColumn column, float* scores, float* gradients, Vector256<float> shift, Vector256<float> delta) where TDrops : struct
    {
        var keptScale = Vector256.Create(m.Dropout.KeptScale);
        var scale = Vector256.Create(m.Dropout.KeptScale * m.Scale);
        var kept = stackalloc float[4 * Lanes];
        for (var j = column.Low; j < column.End; j += 4)
        {
            if (typeof(TDrops) == typeof(Dropping))
                m.Dropout.Kept(column.Blocks(j, 0), column.Blocks(j, 4), kept);
            for (var i = 0; i < 4; i++)
            {
                var at = (nint)(j + i) * QueryTile.MaxCount;
                var p = VectorMath256.Exp2(Vector256.Load(scores + at) - shift);
                var dp = Vector256.Load(gradients + at);
                var weight = p;
                if (typeof(TDrops) == typeof(Dropping))
                {
                    weight = (p * keptScale) & Vector256.Load(kept + i * Lanes);
                    dp &= Vector256.Load(kept + i * Lanes);
                }
                var gradient = p * (dp * scale - delta);
                if (!column.IsWhole)
                {
                    var sees = column.Sees(j + i);
                    weight &= sees;
                    gradient &= sees;
                }
                weight.Store(scores + at);
                gradient.Store(gradients + at);
            }
        }
    }

    /// <summary>Probabilities are dropped.</summary>
    private readonly struct Dropping;

    /// <summary>Probabilities are kept.</summary>
    private readonly struct Keeping;
}
