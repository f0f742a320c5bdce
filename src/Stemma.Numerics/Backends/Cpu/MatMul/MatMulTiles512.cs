using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>AVX-512: 14×32 tiles, 28 accumulators of the 32 registers.</summary>
internal readonly unsafe partial struct MatMulTiles512 : ITileSet
{
    private const int Lanes = 16;
    private const int PrefetchedSteps = 24;

    public static string Name => "float32 14x32 (AVX-512)";

    public static int Rows => 14;

    public static int Columns => 2 * Lanes;

    public static int StripsAtOnce => 1;

    public static bool ReadsInPlace => true;

    public static bool AddsRows => true;

    public static void Compute(int rows, int columns, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add)
    {
        if (columns == 2 * Lanes)
        {
            Columns32(rows, depth, a, aRow, aStep, b, bStep, c, cStep, bias, add);
        }
        else if (columns == Lanes)
        {
            Columns16(rows, depth, a, aRow, aStep, b, bStep, c, cStep, bias, add);
        }
        else
        {
            var tile = stackalloc float[14 * 2 * Lanes];
            if (columns > Lanes)
                Columns32(rows, depth, a, aRow, aStep, b, bStep, tile, 2 * Lanes, null, false);
            else
                Columns16(rows, depth, a, aRow, aStep, b, bStep, tile, 2 * Lanes, null, false);
            TileEdge.Merge(rows, columns, tile, 2 * Lanes, c, cStep, bias, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRow(nint columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* sums)
    {
        for (; depth >= 4; depth -= 4, a += 4 * aStep, b += 4 * bStep)
        {
            float* b1 = b + bStep, b2 = b1 + bStep, b3 = b2 + bStep;
            var (a0, a1, a2, a3) = (Vector512.Create(a[0]), Vector512.Create(a[aStep]), Vector512.Create(a[2 * aStep]), Vector512.Create(a[3 * aStep]));
            nint j = 0;
            for (; j <= columns - Lanes; j += Lanes)
            {
                var sum = Avx512F.FusedMultiplyAdd(a0, Vector512.Load(b + j), Vector512.Load(sums + j));
                sum = Avx512F.FusedMultiplyAdd(a1, Vector512.Load(b1 + j), sum);
                sum = Avx512F.FusedMultiplyAdd(a2, Vector512.Load(b2 + j), sum);
                Avx512F.FusedMultiplyAdd(a3, Vector512.Load(b3 + j), sum).Store(sums + j);
            }
            for (; j < columns; j++)
                for (var k = 0; k < 4; k++)
                    sums[j] = MathF.FusedMultiplyAdd(a[k * aStep], b[k * bStep + j], sums[j]);
        }
        for (; depth > 0; depth--, a += aStep, b += bStep)
            for (nint j = 0; j < columns; j++)
                sums[j] = MathF.FusedMultiplyAdd(*a, b[j], sums[j]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLines<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint panelStride, int width)
        where TRounding : struct, IRounding
    {
        for (var first = 0; first < lines; first += width, target += panelStride)
            for (var group = 0; group < width && first + group < lines; group += Lanes)
                Transpose<TRounding>(source + (first + group) * stride, stride, Math.Min(lines - first - group, Lanes), depth, target + group, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackSteps<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint panelStride, int width)
        where TRounding : struct, IRounding
    {
        var full = lines / width;
        for (nint k = 0; k < depth; k++, source += stride, target += width)
        {
            var from = source;
            var to = target;
            // A row is a short piece of a long one: the processor does not see where the next begins.
            for (nint line = 0; line < lines; line += Lanes)
                Sse.Prefetch0(source + PrefetchedSteps * stride + line);
            if (width == 2 * Lanes)
            {
                for (var panel = 0; panel < full; panel++, from += 2 * Lanes, to += panelStride)
                {
                    TRounding.Apply(Vector512.Load(from)).Store(to);
                    TRounding.Apply(Vector512.Load(from + Lanes)).Store(to + Lanes);
                }
            }
            else
            {
                for (var panel = 0; panel < full; panel++, from += 14, to += panelStride)
                {
                    TRounding.Apply(Vector256.Load(from)).Store(to);
                    TRounding.Apply(Vector256.Load(from + 6)).Store(to + 6);
                }
            }
        }
        TileEdge.PackSteps<TRounding>(source - depth * stride + full * width, stride, lines - full * width, depth, target - depth * width + full * panelStride, width, Lanes);
    }

    /// <summary>
    /// target[k][line] = source[line][k] for 16 lines. A vector holds four k of lines r, 4+r, 8+r and 12+r, so that a 4×4 transpose inside
    /// each quarter leaves the lines in order.
    /// </summary>
    /// <remarks>Whole cache lines are read, 16 k of a line at once: lines a power of two apart would evict each other between two visits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint step) where TRounding : struct, IRounding
    {
        var at = stackalloc float*[Lanes];
        for (var line = 0; line < Lanes; line++)
            at[line] = source + Math.Min(line, lines - 1) * stride;    // a missing line repeats the last one: its values are never stored in C
        nint k = 0;
        for (; k + 16 <= depth; k += 16)
        {
            Gather16<TRounding>(at, k, out var a0, out var a1, out var a2, out var a3);
            Gather16<TRounding>(at + 1, k, out var b0, out var b1, out var b2, out var b3);
            Gather16<TRounding>(at + 2, k, out var c0, out var c1, out var c2, out var c3);
            Gather16<TRounding>(at + 3, k, out var d0, out var d1, out var d2, out var d3);
            target = Store4(a0, b0, c0, d0, target, step);
            target = Store4(a1, b1, c1, d1, target, step);
            target = Store4(a2, b2, c2, d2, target, step);
            target = Store4(a3, b3, c3, d3, target, step);
        }
        for (; k + 4 <= depth; k += 4)
        {
            target = Store4(TRounding.Apply(Gather4(at, k)), TRounding.Apply(Gather4(at + 1, k)), TRounding.Apply(Gather4(at + 2, k)),
                TRounding.Apply(Gather4(at + 3, k)), target, step);
        }
        for (; k < depth; k++, target += step)
            for (var line = 0; line < Lanes; line++)
                target[line] = TRounding.Apply(at[line][k]);
    }

    /// <summary>Four k from <paramref name="k"/> on of lines 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather4(float** lines, nint k)
    {
        var x = Vector128.Load(lines[0] + k).ToVector256Unsafe().ToVector512Unsafe();
        x = Avx512F.InsertVector128(x, Vector128.Load(lines[4] + k), 1);
        x = Avx512F.InsertVector128(x, Vector128.Load(lines[8] + k), 2);
        return Avx512F.InsertVector128(x, Vector128.Load(lines[12] + k), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather16<TRounding>(float** lines, nint k, out Vector512<float> x0, out Vector512<float> x1, out Vector512<float> x2, out Vector512<float> x3)
        where TRounding : struct, IRounding
    {
        x0 = TRounding.Apply(Gather4(lines, k));
        x1 = TRounding.Apply(Gather4(lines, k + 4));
        x2 = TRounding.Apply(Gather4(lines, k + 8));
        x3 = TRounding.Apply(Gather4(lines, k + 12));
    }

    /// <summary>A 4×4 transpose inside each quarter: k, k+1, k+2 and k+3 of sixteen lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d,
        out Vector512<float> k0, out Vector512<float> k1, out Vector512<float> k2, out Vector512<float> k3)
    {
        var lowAb = Avx512F.UnpackLow(a, b).AsDouble();
        var lowCd = Avx512F.UnpackLow(c, d).AsDouble();
        var highAb = Avx512F.UnpackHigh(a, b).AsDouble();
        var highCd = Avx512F.UnpackHigh(c, d).AsDouble();
        k0 = Avx512F.UnpackLow(lowAb, lowCd).AsSingle();
        k1 = Avx512F.UnpackHigh(lowAb, lowCd).AsSingle();
        k2 = Avx512F.UnpackLow(highAb, highCd).AsSingle();
        k3 = Avx512F.UnpackHigh(highAb, highCd).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Store4(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target, nint step)
    {
        Transpose4(a, b, c, d, out var k0, out var k1, out var k2, out var k3);
        k0.Store(target);
        k1.Store(target + step);
        k2.Store(target + 2 * step);
        k3.Store(target + 3 * step);
        return target + 4 * step;
    }
}
