using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>AVX-512: 14×32 tiles, 28 accumulators of the 32 registers.</summary>
internal readonly unsafe partial struct MatMulTiles512 : ITileSet
{
    private const int Lanes = 16;

    public static string Name => "float32 14x32 (AVX-512)";

    public static int Rows => 14;

    public static int Columns => 2 * Lanes;

    public static void Compute(int rows, int columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add)
    {
        if (columns == 2 * Lanes)
        {
            Columns32(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else if (columns == Lanes)
        {
            Columns16(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else
        {
            var tile = stackalloc float[14 * 2 * Lanes];
            if (columns > Lanes)
                Columns32(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            else
                Columns16(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            TileEdge.Merge(rows, columns, tile, 2 * Lanes, c, cStep, bias, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLines<TRounding>(float* source, nint stride, int lines, int linesReadable, nint depth, float* target, nint panelStride, int width)
        where TRounding : struct, IRounding
    {
        for (var first = 0; first < lines; first += width, target += panelStride)
        {
            for (var group = 0; group < width && first + group < lines; group += Lanes)
            {
                var from = source + (first + group) * stride;
                if (linesReadable - first - group >= Lanes)
                    Transpose<TRounding>(from, stride, depth, target + group, width);
                else
                    TileEdge.PackLines<TRounding>(from, stride, Math.Min(width, lines - first) - group, depth, target + group, width, Lanes);
            }
        }
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

    /// <summary>target[k][line] = source[line][k] for 16 lines, four k at a time: a vector holds four k of lines r, 4+r, 8+r and 12+r,
    /// so that a 4×4 transpose inside each quarter leaves the lines in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<TRounding>(float* source, nint stride, nint depth, float* target, nint step) where TRounding : struct, IRounding
    {
        nint k = 0;
        for (; k + 4 <= depth; k += 4, target += 4 * step)
        {
            var from = source + k;
            var r0 = TRounding.Apply(Gather(from, 4 * stride));
            var r1 = TRounding.Apply(Gather(from + stride, 4 * stride));
            var r2 = TRounding.Apply(Gather(from + 2 * stride, 4 * stride));
            var r3 = TRounding.Apply(Gather(from + 3 * stride, 4 * stride));
            var low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
            var low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
            var high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
            var high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
            Avx512F.UnpackLow(low01, low23).AsSingle().Store(target);
            Avx512F.UnpackHigh(low01, low23).AsSingle().Store(target + step);
            Avx512F.UnpackLow(high01, high23).AsSingle().Store(target + 2 * step);
            Avx512F.UnpackHigh(high01, high23).AsSingle().Store(target + 3 * step);
        }
        for (; k < depth; k++, target += step)
            for (var line = 0; line < Lanes; line++)
                target[line] = TRounding.Apply(source[line * stride + k]);
    }

    /// <summary>Four values each of four lines, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather(float* from, nint stride)
    {
        var x = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        x = Avx512F.InsertVector128(x, Vector128.Load(from + stride), 1);
        x = Avx512F.InsertVector128(x, Vector128.Load(from + 2 * stride), 2);
        return Avx512F.InsertVector128(x, Vector128.Load(from + 3 * stride), 3);
    }
}
