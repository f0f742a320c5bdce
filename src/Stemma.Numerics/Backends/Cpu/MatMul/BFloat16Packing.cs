using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>Brings operands into the layouts of the generated kernels, in blocks of 16 lines by 32 steps of k; what a last block lacks of k is zero.</summary>
/// <remarks>A block is sixteen vectors, one to a line or one to a pair of k; where source and target differ in that, it is transposed on the way.</remarks>
internal static unsafe class BFloat16Packing
{
    /// <summary>Steps of k that a block covers; targets have room for whole blocks.</summary>
    public const int BlockDepth = 32;

    private const int Lines = 16;

    /// <summary>target[line][k] from a source whose rows run along k, or across it.</summary>
    /// <param name="source">Line 0, step 0.</param>
    /// <param name="stride">Elements from one stored row to the next.</param>
    /// <param name="across">Whether the source is [k][line] and not [line][k].</param>
    /// <param name="lines">Lines to pack; room for whole sixteens is needed.</param>
    /// <param name="depth">Steps of k, 1 or more.</param>
    /// <param name="target">Line 0.</param>
    /// <param name="targetStride">Elements from one line to the next, a multiple of 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<TSource>(void* source, nint stride, bool across, int lines, int depth, ushort* target, nint targetStride) where TSource : struct, IBFloat16Source
    {
        if (!across)
        {
            for (var line = 0; line < lines; line++)
                for (var k = 0; k < depth; k += BlockDepth)
                    TSource.Neighbours(source, line * stride + k, depth - k).Store((uint*)(target + line * targetStride + k));
            return;
        }
        var block = stackalloc uint[Lines * Lines];
        for (var k = 0; k < depth; k += BlockDepth)
        {
            for (var line = 0; line < lines; line += Lines)
            {
                for (var pair = 0; pair < Lines; pair++)
                {
                    Pair<TSource>(source, stride, k + 2 * pair, depth, line, lines).Store(block + Lines * pair);
                    PrefetchPair<TSource>(source, stride, k + BlockDepth + 2 * pair, line);
                }
                Transpose(block, (uint*)(target + line * targetStride + k), targetStride / 2);
            }
        }
    }

    /// <summary>Panels of 32 lines, target[panel][k/2][line][2], from a source whose rows run along k, or across it.</summary>
    /// <param name="source">Line 0, step 0.</param>
    /// <param name="stride">Elements from one stored row to the next.</param>
    /// <param name="across">Whether the source is [k][line] and not [line][k].</param>
    /// <param name="lines">Lines to pack, into ⌈lines ÷ 32⌉ panels; what a last panel lacks is anything: it never reaches C.</param>
    /// <param name="depth">Steps of k, 1 or more.</param>
    /// <param name="target">The first panel.</param>
    /// <param name="panelStride">Elements from one panel to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels<TSource>(void* source, nint stride, bool across, int lines, int depth, ushort* target, nint panelStride) where TSource : struct, IBFloat16Source
    {
        if (!across)
        {
            var block = stackalloc uint[Lines * Lines];
            for (var line = 0; line < lines; line += Lines)
            {
                var to = Half(target, panelStride, line);
                var last = Math.Min(Lines, lines - line) - 1;
                for (var k = 0; k < depth; k += BlockDepth, to += BlockDepth / 2 * StripArguments.PanelColumns)
                {
                    // A line that is not there repeats the last one.
                    for (var i = 0; i < Lines; i++)
                        TSource.Neighbours(source, (line + Math.Min(i, last)) * stride + k, depth - k).Store(block + Lines * i);
                    Transpose(block, to, StripArguments.PanelColumns);
                }
            }
            return;
        }
        for (var k = 0; k < depth; k += BlockDepth)
        {
            for (var line = 0; line < lines; line += Lines)
            {
                var to = Half(target, panelStride, line) + k / 2 * StripArguments.PanelColumns;
                for (var pair = 0; pair < Lines; pair++)
                {
                    Pair<TSource>(source, stride, k + 2 * pair, depth, line, lines).Store(to + StripArguments.PanelColumns * pair);
                    PrefetchPair<TSource>(source, stride, k + BlockDepth + 2 * pair, line);
                }
            }
        }
    }

    private static uint* Half(ushort* target, nint panelStride, int line) =>
        (uint*)(target + line / StripArguments.PanelColumns * panelStride) + line % StripArguments.PanelColumns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Pair<TSource>(void* source, nint stride, int k, int depth, int line, int lines) where TSource : struct, IBFloat16Source =>
        k < depth ? TSource.Across(source, k * stride + line, stride, k + 1 < depth, lines - line) : Vector512<uint>.Zero;

    // A row is a short piece of a long one: the processor does not see where the next begins.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchPair<TSource>(void* source, nint stride, int k, int line) where TSource : struct, IBFloat16Source
    {
        TSource.Prefetch(source, k * stride + line);
        TSource.Prefetch(source, (k + 1) * stride + line);
    }

    /// <summary>Sixteen rows of sixteen, transposed: four columns of rows r, 4+r, 8+r and 12+r are gathered into a vector, so that a 4×4 transpose inside each quarter leaves them in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(uint* block, uint* target, nint stride)
    {
        for (var column = 0; column < Lines; column += 4, target += 4 * stride)
        {
            var from = block + column;
            var (a, b, c, d) = (Gather(from), Gather(from + Lines), Gather(from + 2 * Lines), Gather(from + 3 * Lines));
            var lowAb = Avx512F.UnpackLow(a, b).AsUInt64();
            var lowCd = Avx512F.UnpackLow(c, d).AsUInt64();
            var highAb = Avx512F.UnpackHigh(a, b).AsUInt64();
            var highCd = Avx512F.UnpackHigh(c, d).AsUInt64();
            Avx512F.UnpackLow(lowAb, lowCd).AsUInt32().Store(target);
            Avx512F.UnpackHigh(lowAb, lowCd).AsUInt32().Store(target + stride);
            Avx512F.UnpackLow(highAb, highCd).AsUInt32().Store(target + 2 * stride);
            Avx512F.UnpackHigh(highAb, highCd).AsUInt32().Store(target + 3 * stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Gather(uint* row)
    {
        var x = Vector128.Load(row).ToVector256Unsafe().ToVector512Unsafe();
        x = Avx512F.InsertVector128(x, Vector128.Load(row + 4 * Lines), 1);
        x = Avx512F.InsertVector128(x, Vector128.Load(row + 8 * Lines), 2);
        return Avx512F.InsertVector128(x, Vector128.Load(row + 12 * Lines), 3);
    }
}
