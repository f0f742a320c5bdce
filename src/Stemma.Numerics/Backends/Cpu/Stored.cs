using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Sixteen numbers at a time that are float32 or bfloat16 in memory and float32 in registers.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="BFloat16"/>.</typeparam>
internal static unsafe class Stored<T> where T : unmanaged
{
    /// <summary>The next sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(T* source)
    {
        if (typeof(T) == typeof(float)) return Vector512.Load((float*)source);
        var bits = Vector256.Load((ushort*)source);
        if (Avx512F.IsSupported) return (Avx512F.ConvertToVector512UInt32(bits) << 16).AsSingle();
        var (low, high) = Vector256.Widen(bits);
        return Vector512.Create((low << 16).AsSingle(), (high << 16).AsSingle());
    }

    /// <summary>The next sixteen of a row that has <paramref name="left"/> more, lanes beyond its end <paramref name="filler"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(T* source, nint left, float filler = 0f)
    {
        if (typeof(T) == typeof(float)) return VectorMath.Load((float*)source, left, filler);
        if (left >= 16) return Load(source);
        // A call in a loop would keep its vectors in memory.
        if (!Avx512BW.VL.IsSupported) return LoadPart((BFloat16*)source, left, filler);
        var bits = Avx512BW.VL.MaskLoad((ushort*)source, HalfLanes(left), Vector256<ushort>.Zero);
        var x = (Avx512F.ConvertToVector512UInt32(bits) << 16).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((int)left)).AsSingle(), x, Vector512.Create(filler));
    }

    /// <summary>Stores sixteen; bfloat16 is the nearest, ties to even, and a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> x, T* target)
    {
        if (typeof(T) == typeof(float))
        {
            x.Store((float*)target);
            return;
        }
        Narrow(Upper(x)).Store((ushort*)target);
    }

    /// <summary>Stores sixteen that <see cref="Round"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRounded(Vector512<float> x, T* target)
    {
        if (typeof(T) == typeof(float)) x.Store((float*)target);
        else Narrow(x.AsUInt32() >> 16).Store((ushort*)target);
    }

    /// <summary>What <see cref="Load(T*)"/> gives after <see cref="Store(Vector512{float}, T*)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> x) => typeof(T) == typeof(float) ? x : (Upper(x) << 16).AsSingle();

    /// <summary>Stores those of sixteen that the row has room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> x, T* target, nint left)
    {
        if (typeof(T) == typeof(float)) VectorMath.Store(x, (float*)target, left);
        else if (left >= 16) Store(x, target);
        else if (Avx512BW.VL.IsSupported) Avx512BW.VL.MaskStore((ushort*)target, HalfLanes(left), Narrow(Upper(x)));
        else StorePart(x, (BFloat16*)target, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Narrow(Vector512<uint> upper) => Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(upper) : Vector256.Narrow(upper.GetLower(), upper.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> HalfLanes(nint count) => Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)count));

    /// <summary>The bits of the nearest bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Upper(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, bits | Vector512.Create(0x400000u)) >> 16;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadPart(BFloat16* source, nint count, float filler)
    {
        var values = stackalloc float[16];
        Vector512.Create(filler).Store(values);
        for (nint i = 0; i < count; i++) values[i] = source[i];
        return Vector512.Load(values);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StorePart(Vector512<float> x, BFloat16* target, nint count)
    {
        var values = stackalloc float[16];
        x.Store(values);
        for (nint i = 0; i < count; i++) target[i] = (BFloat16)values[i];
    }
}
