using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Any processor: 4×8 tiles of portable 128-bit vectors.</summary>
/// <remarks>The products are fused exactly where the processor fuses them in hardware; every tile does the same.</remarks>
internal readonly unsafe partial struct MatMulTiles128 : ITileSet
{
    private const int Lanes = 4;

    public static string Name => "float32 4x8 (portable)";

    public static int Rows => 4;

    public static int Columns => 2 * Lanes;

    public static int StripsAtOnce => 1;

    public static bool ReadsInPlace => false;

    public static bool AddsRows => false;

    public static int UnpackedRows => 0;

    public static int UnpackedColumns => Lanes;

    public static void ComputeUnpacked<TRounding>(int rows, nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, float* bias, bool add)
        where TRounding : struct, IRounding => throw new NotSupportedException();

    public static void Compute(int rows, int columns, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add)
    {
        if (columns == 2 * Lanes)
        {
            Columns8(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else if (columns == Lanes)
        {
            Columns4(rows, depth, a, aStep, b, bStep, c, cStep, bias, add);
        }
        else
        {
            var tile = stackalloc float[4 * 2 * Lanes];
            if (columns > Lanes)
                Columns8(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            else
                Columns4(rows, depth, a, aStep, b, bStep, tile, 2 * Lanes, null, false);
            TileEdge.Merge(rows, columns, tile, 2 * Lanes, c, cStep, bias, add);
        }
    }

    public static void AddRow(nint columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* sums) => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLines<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint panelStride, int width)
        where TRounding : struct, IRounding
    {
        for (var first = 0; first < lines; first += width, target += panelStride)
            for (var group = 0; group < width && first + group < lines; group += Lanes)
                TileEdge.PackLines<TRounding>(source + (first + group) * stride, stride, Math.Min(Lanes, lines - first - group), depth, target + group, width, Lanes);
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
            for (var panel = 0; panel < full; panel++, from += width, to += panelStride)
                for (var lane = 0; lane < width; lane += Lanes)
                    TRounding.Apply(Vector128.Load(from + lane)).Store(to + lane);
        }
        TileEdge.PackSteps<TRounding>(source - depth * stride + full * width, stride, lines - full * width, depth, target - depth * width + full * panelStride, width, Lanes);
    }
}
