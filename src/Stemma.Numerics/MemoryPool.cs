using System.Numerics;
using System.Runtime.InteropServices;

namespace Stemma.Numerics;

/// <summary>
/// Native memory that was used and will be again. Small blocks come in a few sizes, one stack of idle ones each. Large blocks are cut from
/// regions that stay with the process, best fit first, and merge with their neighbours when they come back: a training step asks for the
/// same sizes in the same order each time, so from the second or third one on every tensor has its place, and the system is asked for nothing.
/// </summary>
internal static unsafe partial class MemoryPool
{
    /// <summary>From this size on a block is cut from a region.</summary>
    private const nuint LargeBlock = 64 << 10;

    /// <summary>Large blocks are whole pages.</summary>
    private const nuint Page = 4096;

    /// <summary>Regions begin on such a boundary and ask the system for huge pages: fewer faults, fewer translations.</summary>
    private const nuint HugePage = 2 << 20;

    /// <summary>The first region; each further one is as large as all before it together, up to <see cref="LargestRegion"/>, or larger where a block needs it.</summary>
    private const nuint SmallestRegion = 32 << 20;

    /// <summary>Memory of a region that nobody has written to costs nothing, but a system may count it as promised.</summary>
    private const nuint LargestRegion = 1 << 30;

    private const int AdviseHugePages = 14;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<nuint, Stack<nint>> s_small = [];
    private static readonly List<Gap> s_gaps = []; // in the order of their addresses
    private static long s_used, s_peak, s_reserved;

    /// <summary>Bytes in use by tensors now.</summary>
    public static long UsedBytes => Interlocked.Read(ref s_used);

    /// <summary>The most bytes that were in use at once.</summary>
    public static long PeakBytes => Interlocked.Read(ref s_peak);

    /// <summary>Bytes of all regions together, in use or not.</summary>
    public static long ReservedBytes => Interlocked.Read(ref s_reserved);

    /// <summary>A block of at least <paramref name="bytes"/>, with whatever it last held.</summary>
    public static void* Rent(nuint bytes, out nuint capacity)
    {
        capacity = Round(bytes);
        MemoryWatch.Current?.Add((long)capacity);
        lock (s_lock)
        {
            var block = capacity >= LargeBlock ? Cut(capacity) : Small(capacity);
            s_used += (long)capacity;
            s_peak = Math.Max(s_peak, s_used);
            return block;
        }
    }

    /// <summary>Takes a block back.</summary>
    public static void Return(void* pointer, nuint capacity)
    {
        MemoryWatch.Current?.Add(-(long)capacity);
        lock (s_lock)
        {
            s_used -= (long)capacity;
            if (capacity >= LargeBlock) Insert(new((nuint)pointer, capacity));
            else s_small[capacity].Push((nint)pointer);
        }
    }

    private static void* Small(nuint capacity)
    {
        if (!s_small.TryGetValue(capacity, out var idle)) s_small[capacity] = idle = new();
        return idle.TryPop(out var block) ? (void*)block : NativeMemory.AlignedAlloc(capacity, 64);
    }

    private static void* Cut(nuint capacity)
    {
        var best = -1;
        for (var i = 0; i < s_gaps.Count; i++)
            if (s_gaps[i].Length >= capacity && (best < 0 || s_gaps[i].Length < s_gaps[best].Length)) best = i;
        if (best < 0) best = AddRegion(capacity);
        var gap = s_gaps[best];
        if (gap.Length == capacity) s_gaps.RemoveAt(best);
        else s_gaps[best] = new(gap.Start + capacity, gap.Length - capacity);
        return (void*)gap.Start;
    }

    private static int AddRegion(nuint capacity)
    {
        var length = nuint.Clamp((nuint)s_reserved, SmallestRegion, LargestRegion);
        length = (nuint.Max(length, capacity) + HugePage - 1) / HugePage * HugePage;
        var start = NativeMemory.AlignedAlloc(length, HugePage);
        // Only a request: a system without huge pages answers with an error, and nothing is lost.
        if (OperatingSystem.IsLinux()) _ = Advise(start, length, AdviseHugePages);
        s_reserved += (long)length;
        return Insert(new((nuint)start, length));
    }

    /// <summary>Puts a gap in its place and merges it with those it touches; gives its index.</summary>
    private static int Insert(Gap gap)
    {
        var (low, high) = (0, s_gaps.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (s_gaps[middle].Start < gap.Start) low = middle + 1;
            else high = middle;
        }
        if (low < s_gaps.Count && s_gaps[low].Start == gap.End)
        {
            gap = gap with { Length = gap.Length + s_gaps[low].Length };
            s_gaps.RemoveAt(low);
        }
        if (low > 0 && s_gaps[low - 1].End == gap.Start)
        {
            low--;
            s_gaps[low] = s_gaps[low] with { Length = s_gaps[low].Length + gap.Length };
            return low;
        }
        s_gaps.Insert(low, gap);
        return low;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);

    private static nuint Round(nuint bytes)
    {
        if (bytes <= 64) return 64;
        if (bytes > LargeBlock - LargeBlock / 16) return (bytes + Page - 1) / Page * Page;
        var step = nuint.Max(64, BitOperations.RoundUpToPowerOf2(bytes) / 16);
        return (bytes + step - 1) / step * step;
    }

    /// <summary>Memory of a region that no block occupies.</summary>
    private readonly record struct Gap(nuint Start, nuint Length)
    {
        public nuint End => Start + Length;
    }
}
