using System.Numerics;
using System.Runtime.InteropServices;

namespace Stemma.Numerics;

/// <summary>
/// Native blocks that were used and will be again. Sizes are rounded up to an eighth of a power of two, so that a training
/// step finds the blocks of the step before. Blocks lie idle only up to the largest amount that was ever in use at once.
/// </summary>
internal static unsafe class MemoryPool
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nuint, Stack<nint>> s_idle = [];
    private static long s_used, s_idleBytes, s_peak;

    /// <summary>Bytes in use by tensors now.</summary>
    public static long UsedBytes => Interlocked.Read(ref s_used);

    /// <summary>The most bytes that were in use at once.</summary>
    public static long PeakBytes => Interlocked.Read(ref s_peak);

    /// <summary>A block of at least <paramref name="bytes"/>, with whatever it last held.</summary>
    public static void* Rent(nuint bytes, out nuint capacity)
    {
        capacity = Round(bytes);
        MemoryWatch.Current?.Add((long)capacity);
        lock (s_lock)
        {
            s_used += (long)capacity;
            s_peak = Math.Max(s_peak, s_used);
            if (s_idle.TryGetValue(capacity, out var blocks) && blocks.TryPop(out var block))
            {
                s_idleBytes -= (long)capacity;
                return (void*)block;
            }
        }
        return NativeMemory.AlignedAlloc(capacity, capacity >= 65536 ? 4096u : 64u);
    }

    /// <summary>Takes a block back.</summary>
    public static void Return(void* pointer, nuint capacity)
    {
        MemoryWatch.Current?.Add(-(long)capacity);
        lock (s_lock)
        {
            s_used -= (long)capacity;
            if (s_used + s_idleBytes + (long)capacity <= s_peak)
            {
                if (!s_idle.TryGetValue(capacity, out var blocks)) s_idle[capacity] = blocks = new();
                blocks.Push((nint)pointer);
                s_idleBytes += (long)capacity;
                return;
            }
        }
        NativeMemory.AlignedFree(pointer);
    }

    private static nuint Round(nuint bytes)
    {
        if (bytes <= 64) return 64;
        var step = nuint.Max(64, BitOperations.RoundUpToPowerOf2(bytes) / 16);
        return (bytes + step - 1) / step * step;
    }
}
