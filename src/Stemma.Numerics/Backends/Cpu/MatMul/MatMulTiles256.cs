using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>AVX2 with FMA: 6×16 tiles, 12 accumulators of the 16 registers.</summary>
internal readonly unsafe partial struct MatMulTiles256 : ITileSet
{
    private const int Lanes = 8;

    public static string Name => "float32 6x16 (AVX2)";

    public static int Rows => 6;

    public static int Columns => 2 * Lanes;

    public static int UnpackedRows => 0;

    public static int UnpackedColumns => Lanes;

    public static void ComputeUnpacked<TRounding>(int rows, nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, float* bias, bool add)
        where TRounding : struct, IRounding => throw new NotSupportedException();

    public static void Compute(int rows, int columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add)
    {
        if (columns == 2 * Lanes)
        {
            Columns16(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else if (columns == Lanes)
        {
            Columns8(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else
        {
            var tile = stackalloc float[6 * 2 * Lanes];
            if (columns > Lanes)
                Columns16(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            else
                Columns8(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            TileEdge.Merge(rows, columns, tile, 2 * Lanes, c, cStep, bias, add);
        }
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
