using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>A stable sort of records by some bits of their keys: least significant digit first, one byte a pass, no pass for a byte that never differs.</summary>
internal static unsafe class RadixSort
{
    private const int Digit = 8;
    private const int Values = 1 << Digit;

    /// <summary>Sorts by the bits from <paramref name="from"/> up to <paramref name="to"/>, keeping the order of records that agree there.</summary>
    /// <returns>Where the sorted records are: <paramref name="records"/> or <paramref name="scratch"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T* Sort<T>(T* records, T* scratch, long count, int from, int to) where T : unmanaged, IRecord<T>
    {
        var passes = (to - from + Digit - 1) / Digit;
        var counts = stackalloc long[passes * Values];
        new Span<long>(counts, passes * Values).Clear();
        for (long i = 0; i < count; i++)
        {
            var key = records[i].Key;
            for (var pass = 0; pass < passes; pass++) counts[(pass * Values) + DigitOf(key, from + (pass * Digit), to)]++;
        }
        for (var pass = 0; pass < passes; pass++)
        {
            var histogram = counts + (pass * Values);
            if (!Starts(histogram, count)) continue;
            Scatter(records, scratch, count, histogram, from + (pass * Digit), to);
            var sorted = scratch;
            scratch = records;
            records = sorted;
        }
        return records;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter<T>(T* source, T* target, long count, long* next, int shift, int to) where T : unmanaged, IRecord<T>
    {
        for (long i = 0; i < count; i++)
        {
            var record = source[i];
            target[next[DigitOf(record.Key, shift, to)]++] = record;
        }
    }

    // Counts become the places of each value's first record; false where one value has all records.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Starts(long* histogram, long count)
    {
        var start = 0L;
        for (var value = 0; value < Values; value++)
        {
            if (histogram[value] == count) return false;
            (histogram[value], start) = (start, start + histogram[value]);
        }
        return true;
    }

    // The last digit may reach beyond the bits to sort by, and beyond the key.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DigitOf(in NGramKey key, int shift, int to)
    {
        var bits = shift >= 64 ? key.High >> (shift - 64) : shift > 64 - Digit ? (key.Low >> shift) | (key.High << (64 - shift)) : key.Low >> shift;
        var width = to - shift;
        return (int)bits & (width < Digit ? (1 << width) - 1 : Values - 1);
    }
}
