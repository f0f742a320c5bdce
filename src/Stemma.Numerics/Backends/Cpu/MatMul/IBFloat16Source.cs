using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>What an operand of a bfloat16 matrix product is stored in, read as pairs of bfloat16, one in each 32-bit lane.</summary>
internal unsafe interface IBFloat16Source
{
    /// <summary>32 neighbouring values as 16 pairs in order; those from <paramref name="count"/> on are zero and not read.</summary>
    public static abstract Vector512<uint> Neighbours(void* source, nint offset, int count);

    /// <summary>Sixteen pairs of a value and the one <paramref name="stride"/> elements after it, which is zero where there is no second; pairs from <paramref name="count"/> on are zero and not read.</summary>
    public static abstract Vector512<uint> Across(void* source, nint offset, nint stride, bool second, int count);

    /// <summary>Asks for the cache line of a value that will be read soon; it need not exist.</summary>
    public static abstract void Prefetch(void* source, nint offset);
}

/// <summary>Stored in float32: rounded to nearest even, a NaN stays a (quiet) NaN.</summary>
internal readonly unsafe struct Float32Source : IBFloat16Source
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Neighbours(void* source, nint offset, int count)
    {
        var at = (float*)source + offset;
        var (low, high) = count >= 32 ? (Vector512.Load(at), Vector512.Load(at + 16)) : (Part(at, count), Part(at + 16, count - 16));
        // Not a static field: code that was compiled before it is initialised asks for that at every step, and its vectors go through memory around the call.
        var upperHalves = Vector512.Create((ushort)1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
        return Avx512BW.PermuteVar32x16x2(Round(low).AsUInt16(), upperHalves, Round(high).AsUInt16()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Across(void* source, nint offset, nint stride, bool second, int count)
    {
        var at = (float*)source + offset;
        var first = count >= 16 ? Vector512.Load(at) : Part(at, count);
        var next = !second ? Vector512<float>.Zero : count >= 16 ? Vector512.Load(at + stride) : Part(at + stride, count);
        return (Round(first) >>> 16) | (Round(next) & Vector512.Create(0xffff0000u));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* source, nint offset) => Sse.Prefetch0((float*)source + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = bits + Vector512.Create(0x7fffu) + ((bits >>> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, bits | Vector512.Create(0x400000u));
    }

    private static Vector512<float> Part(float* at, int count) => count <= 0 ? Vector512<float>.Zero : Avx512F.MaskLoad(at, Lanes(count), Vector512<float>.Zero);

    private static Vector512<float> Lanes(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}

/// <summary>Stored in bfloat16: taken as it is.</summary>
internal readonly unsafe struct BFloat16Source : IBFloat16Source
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Neighbours(void* source, nint offset, int count)
    {
        var at = (ushort*)source + offset;
        return count >= 32 ? Vector512.Load(at).AsUInt32() : Part(at, count).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* source, nint offset) => Sse.Prefetch0((ushort*)source + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Across(void* source, nint offset, nint stride, bool second, int count)
    {
        var at = (ushort*)source + offset;
        var first = count >= 16 ? Vector256.Load(at) : Part(at, count).GetLower();
        var next = !second ? Vector256<ushort>.Zero : count >= 16 ? Vector256.Load(at + stride) : Part(at + stride, count).GetLower();
        return Avx512F.ConvertToVector512UInt32(first) | (Avx512F.ConvertToVector512UInt32(next) << 16);
    }

    private static Vector512<ushort> Part(ushort* at, int count) =>
        count <= 0 ? Vector512<ushort>.Zero : Avx512BW.MaskLoad(at, Vector512.LessThan(Vector512<ushort>.Indices, Vector512.Create((ushort)Math.Min(count, 32))), Vector512<ushort>.Zero);
}
