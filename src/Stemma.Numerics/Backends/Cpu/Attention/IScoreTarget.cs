using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Where a column of probabilities, and of the gradients of scores, is written for the products that read it: four keys of sixteen queries at a time.</summary>
internal unsafe interface IScoreTarget
{
    /// <summary>Keys beside those that are seen, up to which products may read and zeros have to be written; a multiple of four.</summary>
    public static abstract int Reach { get; }

    /// <summary>Writes probabilities of the keys from <paramref name="key"/> on, a multiple of four.</summary>
    public void Weights(int key, Vector512<float> p0, Vector512<float> p1, Vector512<float> p2, Vector512<float> p3);

    /// <summary>Writes gradients of the scores of the keys from <paramref name="key"/> on.</summary>
    public void Gradients(int key, Vector512<float> g0, Vector512<float> g1, Vector512<float> g2, Vector512<float> g3);
}

/// <summary>float32, in place of the scores and of the gradients of probabilities: [key][query].</summary>
internal readonly unsafe struct Float32Scores(float* scores, float* gradients) : IScoreTarget
{
    public static int Reach => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weights(int key, Vector512<float> p0, Vector512<float> p1, Vector512<float> p2, Vector512<float> p3) => Store(scores + key * QueryTile.MaxCount, p0, p1, p2, p3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradients(int key, Vector512<float> g0, Vector512<float> g1, Vector512<float> g2, Vector512<float> g3) => Store(gradients + key * QueryTile.MaxCount, g0, g1, g2, g3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* at, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3)
    {
        x0.Store(at);
        x1.Store(at + QueryTile.MaxCount);
        x2.Store(at + 2 * QueryTile.MaxCount);
        x3.Store(at + 3 * QueryTile.MaxCount);
    }
}

/// <summary>bfloat16: probabilities as [key][query] or, where there are pairs, as [key/2][query][2], gradients as both.</summary>
/// <param name="weights">Probabilities as rows, or null.</param>
/// <param name="weightPairs">Probabilities as pairs, or null.</param>
/// <param name="gradients">Gradients as rows.</param>
/// <param name="gradientPairs">Gradients as pairs.</param>
internal readonly unsafe struct BFloat16Scores(ushort* weights, uint* weightPairs, ushort* gradients, uint* gradientPairs) : IScoreTarget
{
    /// <summary>Queries of a panel of pairs.</summary>
    private const int PanelColumns = 32;

    public static int Reach => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weights(int key, Vector512<float> p0, Vector512<float> p1, Vector512<float> p2, Vector512<float> p3)
    {
        var (r0, r1, r2, r3) = (Round(p0), Round(p1), Round(p2), Round(p3));
        if (weightPairs != null)
            StorePairs(weightPairs, key, r0, r1, r2, r3);
        else
            StoreRows(weights, key, r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gradients(int key, Vector512<float> g0, Vector512<float> g1, Vector512<float> g2, Vector512<float> g3)
    {
        var (r0, r1, r2, r3) = (Round(g0), Round(g1), Round(g2), Round(g3));
        StoreRows(gradients, key, r0, r1, r2, r3);
        StorePairs(gradientPairs, key, r0, r1, r2, r3);
    }

    /// <summary>The nearest bfloat16 stands in the upper half; ties go away from zero, NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> x) => x.AsUInt32() + Vector512.Create(0x8000u);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePairs(uint* pairs, int key, Vector512<uint> r0, Vector512<uint> r1, Vector512<uint> r2, Vector512<uint> r3)
    {
        pairs += key / 2 * PanelColumns;
        var upper = Vector512.Create(0xffff0000u);
        ((r0 >>> 16) | (r1 & upper)).Store(pairs);
        ((r2 >>> 16) | (r3 & upper)).Store(pairs + PanelColumns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRows(ushort* rows, int key, Vector512<uint> r0, Vector512<uint> r1, Vector512<uint> r2, Vector512<uint> r3)
    {
        rows += key * QueryTile.MaxCount;
        StoreRow(rows, r0);
        StoreRow(rows + QueryTile.MaxCount, r1);
        StoreRow(rows + 2 * QueryTile.MaxCount, r2);
        StoreRow(rows + 3 * QueryTile.MaxCount, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(ushort* row, Vector512<uint> x) => System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector256UInt16(x >>> 16).Store(row);
}
