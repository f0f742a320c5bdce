using System.Collections.Concurrent;
using System.Diagnostics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics;

/// <summary>
/// The peak of this processor by measurement: multiply-adds from registers on every thread at once, at the processor level in use. It is
/// what model FLOP utilisation is a share of.
/// </summary>
/// <remarks>
/// A machine that others use too is measured too low at some moments and never too high, so the best of several short measurements
/// counts, each over the moments in which all threads were at work: at first until they are as fast as one
/// alone lets hope or half a second is over, then a moment more at most every second, and less and less often.
/// </remarks>
public static class MachinePeak
{
    private static readonly ConcurrentDictionary<(int Threads, ComputePrecision Precision), BestSoFar> s_measured = [];

    /// <summary>Floating-point operations per second of a number of threads together.</summary>
    /// <param name="threads">1 to 256.</param>
    /// <param name="precision">What the factors are rounded to: a processor may multiply bfloat16 faster than float32.</param>
    /// <param name="reached">Operations per second that work on as many threads has reached, or 0. A peak below it was measured at a bad moment: it is measured again, and is never less.</param>
    public static double Flops(int threads, ComputePrecision precision = ComputePrecision.Float32, double reached = 0)
    {
        if (!(reached >= 0) || double.IsInfinity(reached)) throw new ArgumentOutOfRangeException(nameof(reached), reached, "Operations per second are a number of at least 0.");
        return Best(threads, precision).Value(reached);
    }

    /// <summary>Measures once more, as thoroughly as at first.</summary>
    internal static double Again(int threads, ComputePrecision precision) => Best(threads, precision).Again();

    private static BestSoFar Best(int threads, ComputePrecision precision)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        return s_measured.GetOrAdd((threads, precision), key => new(key.Threads, PeakLoop.For(key.Precision)));
    }

    private sealed class BestSoFar(int threads, PeakLoop loop)
    {
        private const int ManyRounds = 64, FewRounds = 4;
        private readonly Lock _lock = new();
        private readonly Stopwatch _sinceLast = new();
        private readonly int _iterations = PieceIterations(loop);
        private double _value, _alone, _pauseSeconds = 1;

        public double Value(double reached)
        {
            lock (_lock)
            {
                if (_value == 0)
                {
                    Measure(ManyRounds);
                }
                else if (_sinceLast.Elapsed.TotalSeconds > _pauseSeconds)
                {
                    Measure(FewRounds);
                    _pauseSeconds *= 2;
                }
                if (_value < reached) Measure(ManyRounds);
                return _value = Math.Max(_value, reached);
            }
        }

        public double Again()
        {
            lock (_lock)
            {
                Measure(ManyRounds);
                return _value;
            }
        }

        /// <summary>Ends before the most rounds once the threads together are as fast as one alone lets hope.</summary>
        private void Measure(int mostRounds)
        {
            const double Enough = 0.95;
            _alone = Math.Max(_alone, PiecesPerSecond(1, loop, _iterations, FewRounds, double.PositiveInfinity));
            var pieces = threads == 1 ? _alone : PiecesPerSecond(threads, loop, _iterations, mostRounds, Enough * threads * _alone);
            _value = Math.Max(_value, pieces * _iterations * loop.Flops);
            _sinceLast.Restart();
        }
    }

    /// <summary>Iterations of about 50 microseconds: short enough that many pieces fall between two interruptions.</summary>
    private static int PieceIterations(PeakLoop loop)
    {
        for (var iterations = 1 << 6; ; iterations *= 2)
        {
            var best = double.PositiveInfinity;
            for (var i = 0; i < 4; i++)
            {
                var start = Stopwatch.GetTimestamp();
                loop.Run(iterations);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
            if (best >= 50) return iterations;
        }
    }

    /// <summary>Pieces of work that all threads together do in a second, in the best moments of several rounds; no more of them once there are enough.</summary>
    private static double PiecesPerSecond(int threads, PeakLoop loop, int iterations, int mostRounds, double enough)
    {
        const int Pieces = 128;
        const double MostSeconds = 0.5;    // many threads on few processors take long for one round
        const int PauseMilliseconds = 4;    // a round that was disturbed is not followed by one in the same time slice
        using var start = new Barrier(threads + 1);
        using var end = new Barrier(threads + 1);
        // Each thread reads the clock itself: on a busy machine the one that waits may wake long after the work began.
        var times = Enumerable.Range(0, threads).Select(_ => new long[Pieces + 1]).ToArray();
        var workers = new Thread[threads];
        var done = false;    // read and written on either side of a barrier
        for (var i = 0; i < threads; i++)
        {
            var own = times[i];
            workers[i] = new Thread(() =>
            {
                while (true)
                {
                    start.SignalAndWait();
                    if (done) return;
                    own[0] = Stopwatch.GetTimestamp();
                    for (var piece = 1; piece <= Pieces; piece++)
                    {
                        loop.Run(iterations);
                        own[piece] = Stopwatch.GetTimestamp();
                    }
                    end.SignalAndWait();
                }
            });
            workers[i].IsBackground = true;
            workers[i].Start();
        }

        var best = 0.0;
        var began = Stopwatch.GetTimestamp();
        for (var round = 0; round < mostRounds && best < enough && (round == 0 || Stopwatch.GetElapsedTime(began).TotalSeconds < MostSeconds); round++)
        {
            if (round > 0) Thread.Sleep(PauseMilliseconds);
            start.SignalAndWait();
            end.SignalAndWait();
            best = Math.Max(best, BestMoment(times));
        }

        done = true;
        start.SignalAndWait();
        foreach (var worker in workers) worker.Join();
        return best;
    }

    /// <summary>Pieces per second of all threads together while the first did eight of its pieces, at best.</summary>
    /// <param name="times">For each thread the clock's ticks at which its pieces began, and at which the last ended.</param>
    internal static double BestMoment(long[][] times)
    {
        const int Window = 8;
        var best = 0.0;
        for (var i = 0; i + Window < times[0].Length; i++)
        {
            var (from, to) = (times[0][i], times[0][i + Window]);
            double pieces = Window;
            foreach (var other in times.Skip(1))
            {
                // Of a piece that lies partly in the moment, that part.
                for (var k = 0; k + 1 < other.Length; k++)
                    pieces += Math.Max(0, Math.Min(to, other[k + 1]) - Math.Max(from, other[k])) / (double)Math.Max(1, other[k + 1] - other[k]);
            }
            best = Math.Max(best, pieces / Math.Max(1, to - from));
        }
        return best * Stopwatch.Frequency;
    }
}
