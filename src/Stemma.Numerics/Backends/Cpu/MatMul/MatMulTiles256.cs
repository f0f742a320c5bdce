using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>AVX2 with FMA: 6×16 tiles, 12 accumulators of the 16 registers.</summary>
internal readonly unsafe partial struct MatMulTiles256 : ITileSet
{
    private const int Lanes = 8;
    private const int PrefetchedSteps = 24;

    public static string Name => "float32 6x16 (AVX2)";

    public static int Rows => 6;

    public static int Columns => 2 * Lanes;

    public static int StripsAtOnce => 16;

    public static bool ReadsInPlace => true;

    public static bool AddsRows => true;

    public static int UnpackedRows => 0;

    public static int UnpackedColumns => Lanes;

    public static void ComputeUnpacked<TRounding>(int rows, nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, float* bias, bool add)
        where TRounding : struct, IRounding => throw new NotSupportedException();

    public static void Compute(int rows, int columns, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add)
    {
        if (columns == 2 * Lanes)
        {
            Columns16(rows, depth, a, aRow, aStep, b, bStep, c, cStep, bias, add);
        }
        else if (columns == Lanes)
        {
            Columns8(rows, depth, a, aRow, aStep, b, bStep, c, cStep, bias, add);
        }
        else
        {
            var tile = stackalloc float[6 * 2 * Lanes];
            if (columns > Lanes)
                Columns16(rows, depth, a, aRow, aStep, b, bStep, tile, 2 * Lanes, null, false);
            else
                Columns8(rows, depth, a, aRow, aStep, b, bStep, tile, 2 * Lanes, null, false);
            TileEdge.Merge(rows, columns, tile, 2 * Lanes, c, cStep, bias, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddRow(nint columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* sums)
    {
        for (; depth >= 4; depth -= 4, a += 4 * aStep, b += 4 * bStep)
        {
            float* b1 = b + bStep, b2 = b1 + bStep, b3 = b2 + bStep;
            var (a0, a1, a2, a3) = (Vector256.Create(a[0]), Vector256.Create(a[aStep]), Vector256.Create(a[2 * aStep]), Vector256.Create(a[3 * aStep]));
            nint j = 0;
            for (; j <= columns - Lanes; j += Lanes)
            {
                var sum = Fma.MultiplyAdd(a0, Vector256.Load(b + j), Vector256.Load(sums + j));
                sum = Fma.MultiplyAdd(a1, Vector256.Load(b1 + j), sum);
                sum = Fma.MultiplyAdd(a2, Vector256.Load(b2 + j), sum);
                Fma.MultiplyAdd(a3, Vector256.Load(b3 + j), sum).Store(sums + j);
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
            for (nint line = 0; line < lines; line += 2 * Lanes)
                Sse.Prefetch0(source + PrefetchedSteps * stride + line);
            if (width == 2 * Lanes)
            {
                for (var panel = 0; panel < full; panel++, from += 2 * Lanes, to += panelStride)
                {
                    TRounding.Apply(Vector256.Load(from)).Store(to);
                    TRounding.Apply(Vector256.Load(from + Lanes)).Store(to + Lanes);
                }
            }
            else
            {
                for (var panel = 0; panel < full; panel++, from += 6, to += panelStride)
                {
                    TRounding.Apply(Vector128.Load(from)).Store(to);
                    TRounding.Apply(Vector128.Load(from + 2)).Store(to + 2);
                }
            }
        }
        TileEdge.PackSteps<TRounding>(source - depth * stride + full * width, stride, lines - full * width, depth, target - depth * width + full * panelStride, width, Lanes);
    }

    /// <summary>target[k][line] = source[line][k] for 8 lines, four k at a time: a vector holds four k of lines r and 4+r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint step) where TRounding : struct, IRounding
    {
        var at = stackalloc float*[Lanes];
        for (var line = 0; line < Lanes; line++)
            at[line] = source + Math.Min(line, lines - 1) * stride;    // a missing line repeats the last one: its values are never stored in C
        nint k = 0;
        for (; k + 4 <= depth; k += 4, target += 4 * step)
        {
            var r0 = TRounding.Apply(Vector256.Create(Vector128.Load(at[0] + k), Vector128.Load(at[4] + k)));
            var r1 = TRounding.Apply(Vector256.Create(Vector128.Load(at[1] + k), Vector128.Load(at[5] + k)));
            var r2 = TRounding.Apply(Vector256.Create(Vector128.Load(at[2] + k), Vector128.Load(at[6] + k)));
            var r3 = TRounding.Apply(Vector256.Create(Vector128.Load(at[3] + k), Vector128.Load(at[7] + k)));
            var low01 = Avx.UnpackLow(r0, r1).AsDouble();
            var low23 = Avx.UnpackLow(r2, r3).AsDouble();
            var high01 = Avx.UnpackHigh(r0, r1).AsDouble();
            var high23 = Avx.UnpackHigh(r2, r3).AsDouble();
            Avx.UnpackLow(low01, low23).AsSingle().Store(target);
            Avx.UnpackHigh(low01, low23).AsSingle().Store(target + step);
            Avx.UnpackLow(high01, high23).AsSingle().Store(target + 2 * step);
            Avx.UnpackHigh(high01, high23).AsSingle().Store(target + 3 * step);
        }
        for (; k < depth; k++, target += step)
            for (var line = 0; line < Lanes; line++)
                target[line] = TRounding.Apply(at[line][k]);
    }
}
