using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Stemma.Bench;

/// <summary>Timing of several variants by turns, for a machine that others use too.</summary>
internal static unsafe class Interleaved
{
    /// <summary>Turns that each variant gets.</summary>
    public const int Rounds = 9;

    private const double SliceSeconds = 0.03;

    /// <summary>Seconds per call of each variant, taken in turns so that a slow moment of the machine falls on all of them.</summary>
    public static (double Median, double Best)[] Compare(List<Action> variants)
    {
        var calls = new int[variants.Count];
        var seconds = variants.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < Rounds; round++)
        {
            for (var i = 0; i < variants.Count; i++)
            {
                if (round < 0)
                {
                    variants[i]();
                    variants[i]();
                    calls[i] = (int)Math.Clamp(0.002 / Time(variants[i], 1), 1, 100_000);
                    continue;
                }
                var slice = Stopwatch.StartNew();
                do
                    seconds[i].Add(Time(variants[i], calls[i]));
                while (slice.Elapsed.TotalSeconds < SliceSeconds);
            }
        }
        return Array.ConvertAll(seconds, list =>
        {
            list.Sort();
            return (list[list.Count / 2], list[0]);
        });
    }

    /// <summary>Seconds per call of each variant in each round, the best of the round: what ratios within a round are made of.</summary>
    /// <remarks>A pause before each turn lets the threads of the variant before it, which may still spin, go to rest.</remarks>
    public static double[][] Race(List<Action> variants, int rounds)
    {
        var calls = new int[variants.Count];
        var seconds = variants.Select(_ => new double[rounds]).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < variants.Count; i++)
            {
                Thread.Sleep(3);
                variants[i]();
                if (round < 0)
                {
                    variants[i]();
                    calls[i] = (int)Math.Clamp(0.001 / Time(variants[i], 1), 1, 100_000);
                    continue;
                }
                var slice = Stopwatch.StartNew();
                var best = double.PositiveInfinity;
                do
                    best = Math.Min(best, Time(variants[i], calls[i]));
                while (slice.Elapsed.TotalSeconds < SliceSeconds);
                seconds[i][round] = best;
            }
        }
        return seconds;
    }

    /// <summary>The middle of some values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static double Time(Action action, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    public static float* Filled(long length)
    {
        var values = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 4096);
        var state = 12345u;
        for (long i = 0; i < length; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            values[i] = (int)state * (1f / 2147483648f);
        }
        return values;
    }
}
