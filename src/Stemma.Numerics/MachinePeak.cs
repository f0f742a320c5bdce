using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics;

/// <summary>
/// The float32 peak of this processor as it is now, by measurement: fused multiply-adds from registers on every thread at once. It is
/// what model FLOP utilisation is a share of.
/// </summary>
public static class MachinePeak
{
    // Enough chains to hide the latency of four to five cycles on two units.
    private const int Chains = 12;
    private const int Rounds = 5;
    private static readonly ConcurrentDictionary<int, Lazy<double>> Measured = [];

    /// <summary>Floating-point operations per second of a number of threads together; the best of a few short measurements, taken once per process.</summary>
    /// <param name="threads">1 to 256.</param>
    public static double Flops(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        return Measured.GetOrAdd(threads, count => new(() => Measure(count))).Value;
    }

    private static double Measure(int threads)
    {
        var iterations = 1 << 12;
        while (Seconds(1, iterations, 1) < 4e-3) iterations *= 2;
        return threads * (double)iterations * OperationsPerIteration / Seconds(threads, iterations, Rounds);
    }

    private static double OperationsPerIteration => 2.0 * Chains * (Avx512F.IsSupported ? 16 : Fma.IsSupported ? 8 : 4);

    /// <summary>The shortest time in which every thread does its iterations, of several rounds.</summary>
    private static double Seconds(int threads, int iterations, int rounds)
    {
        using var start = new Barrier(threads + 1);
        using var end = new Barrier(threads + 1);
        var sums = new float[threads];
        var (began, ended) = (new long[threads], new long[threads]);
        var workers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            var index = i;
            workers[i] = new Thread(() =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    start.SignalAndWait();
                    // Each thread reads the clock itself: on a busy machine the one that waits may wake long after the work began.
                    began[index] = Stopwatch.GetTimestamp();
                    sums[index] += Multiply(iterations);
                    ended[index] = Stopwatch.GetTimestamp();
                    end.SignalAndWait();
                }
            });
            workers[i].IsBackground = true;
            workers[i].Start();
        }

        var best = double.PositiveInfinity;
        for (var round = 0; round < rounds; round++)
        {
            start.SignalAndWait();
            end.SignalAndWait();
            best = Math.Min(best, Stopwatch.GetElapsedTime(began.Min(), ended.Max()).TotalSeconds);
        }

        foreach (var worker in workers) worker.Join();
        GC.KeepAlive(sums);
        return best;
    }

    private static float Multiply(int iterations) =>
        Avx512F.IsSupported ? Multiply512(iterations) : Fma.IsSupported ? Multiply256(iterations) : Multiply128(iterations);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply512(int iterations)
    {
        var (x, y) = (Vector512.Create(0.5f), Vector512.Create(1f));
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y);
            d = Avx512F.FusedMultiplyAdd(d, x, y); e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y);
            g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y); i = Avx512F.FusedMultiplyAdd(i, x, y);
            j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply256(int iterations)
    {
        var (x, y) = (Vector256.Create(0.5f), Vector256.Create(1f));
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y); d = Fma.MultiplyAdd(d, x, y);
            e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y); g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y);
            i = Fma.MultiplyAdd(i, x, y); j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply128(int iterations)
    {
        var (x, y) = (Vector128.Create(0.5f), Vector128.Create(1f));
        Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (; iterations > 0; iterations--)
        {
            a = Vector128.MultiplyAddEstimate(a, x, y); b = Vector128.MultiplyAddEstimate(b, x, y); c = Vector128.MultiplyAddEstimate(c, x, y);
            d = Vector128.MultiplyAddEstimate(d, x, y); e = Vector128.MultiplyAddEstimate(e, x, y); f = Vector128.MultiplyAddEstimate(f, x, y);
            g = Vector128.MultiplyAddEstimate(g, x, y); h = Vector128.MultiplyAddEstimate(h, x, y); i = Vector128.MultiplyAddEstimate(i, x, y);
            j = Vector128.MultiplyAddEstimate(j, x, y); k = Vector128.MultiplyAddEstimate(k, x, y); l = Vector128.MultiplyAddEstimate(l, x, y);
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
