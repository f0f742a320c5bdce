using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Conversion between float32 and bfloat16, many at a time.</summary>
internal static unsafe class BFloat16Spans
{
    /// <summary>The same values as float32; exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(BFloat16* from, float* to, nint count)
    {
        nint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load((ushort*)from + i));
            (low << 16).AsSingle().Store(to + i);
            (high << 16).AsSingle().Store(to + i + 8);
        }
        for (; i < count; i++) to[i] = from[i];
    }

    /// <summary>The nearest bfloat16, ties to even; a NaN stays a (quiet) NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Narrow(float* from, BFloat16* to, nint count)
    {
        nint i = 0;
        for (; i + 16 <= count; i += 16)
            Vector256.Narrow(Round(Vector256.Load(from + i)) >> 16, Round(Vector256.Load(from + i + 8)) >> 16).Store((ushort*)to + i);
        for (; i < count; i++) to[i] = (BFloat16)from[i];
    }

    // Rounded to the upper half; the lower half is left over.
    private static Vector256<uint> Round(Vector256<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256<uint>.One);
        return Vector256.ConditionalSelect(Vector256.Equals(x, x).AsUInt32(), rounded, bits | Vector256.Create(0x400000u));
    }
}
