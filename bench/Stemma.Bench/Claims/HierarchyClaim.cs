using System.Diagnostics;
using System.Runtime.CompilerServices;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Bench.Claims;

/// <summary>
/// Bytes of attention in tiles against the same of plain operations (Dao et al. 2022, arXiv:2205.14135), and what blocks that fit a cache do for
/// a matrix product (Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication").
/// </summary>
internal static unsafe class HierarchyClaim
{
    private const int Heads = 4, HeadSize = 64, Block = 64;

    public static void Run(ClaimSheet sheet)
    {
        AttentionMemory(sheet);
        CacheBlocking(sheet);
    }

    private static void AttentionMemory(ClaimSheet sheet)
    {
        var device = Device.CreateCpu(sheet.ThreadCount);
        List<(double X, double Y)> tiled = [], plain = [], least = [];
        foreach (var n in (int[])[128, 256, 512, 1024, 2048])
        {
            var qkv = ClaimSheet.Filled(device, n, 3, Heads, HeadSize);
            var layout = SequenceLayout.Batch(1, n);
            var arguments = new AttentionArguments(qkv.Select(1, 0), qkv.Select(1, 1), qkv.Select(1, 2), layout, AttentionWindow.Causal, 1 / Math.Sqrt(HeadSize), 0, default);
            var fused = Spent(() => TensorOps.SelfAttention(qkv, layout, AttentionWindow.Causal));
            var composed = Spent(() => TensorOps.AttentionComposed(arguments));
            tiled.Add((n, fused.Bytes));
            plain.Add((n, composed.Bytes));
            // Scores and weights, one matrix each per head: what a careful program of plain operations cannot do without.
            least.Add((n, 2.0 * Heads * n * n * sizeof(float)));
            Console.WriteLine($"    attention of {n,5} tokens: tiles {fused.Bytes / 1e6,8:F2} MB in {fused.Seconds * 1e3,8:F2} ms; plain operations {composed.Bytes / 1e6,8:F1} MB in {composed.Seconds * 1e3,8:F2} ms; scores and weights alone {least[^1].Y / 1e6,7:F1} MB");
            Memory.Return(qkv);
        }
        Console.WriteLine($"        slope of bytes: tiles {ClaimSheet.Slope(tiled):F2}, plain operations {ClaimSheet.Slope(plain):F2}");
        sheet.Save("attention-memory", new()
        {
            Title = "Memory of attention, forward",
            Subtitle = $"{Heads} heads of {HeadSize}, one sequence; most bytes in use at once beyond queries, keys and values.",
            X = new LogAxis("length of the sequence (tokens)"),
            Y = new LogAxis("memory (MB)"),
            Series = [Megabytes("plain operations", plain), Megabytes("scores and weights alone", least) with { IsDashed = true }, Megabytes("tiles", tiled)],
        });

        static LineSeries Megabytes(string name, List<(double X, double Y)> points) => new(name, [.. points.Select(p => new ChartPoint(p.X, p.Y / 1e6))]);
    }

    /// <summary>The most bytes in use at once, and the best time of a few.</summary>
    private static (double Bytes, double Seconds) Spent(Action work)
    {
        using var watch = Memory.Watch();
        var best = double.PositiveInfinity;
        for (var i = 0; i < 5; i++)
        {
            var time = Stopwatch.StartNew();
            using (Memory.Scope()) work();
            best = Math.Min(best, time.Elapsed.TotalSeconds);
        }
        return (watch.PeakBytes, best);
    }

    private static void CacheBlocking(ClaimSheet sheet)
    {
        List<ChartPoint> loops = [], blocked = [], kernel = [];
        foreach (var n in (int[])[64, 128, 192, 256, 384, 512, 768, 1024])
        {
            float* a = Interleaved.Filled((long)n * n), b = Interleaved.Filled((long)n * n), c = Interleaved.Filled((long)n * n);
            var arguments = new MatMulArguments { Rows = n, Columns = n, Depth = n, A = a, StrideA = n, B = b, StrideB = n, C = c, StrideC = n };
            var rates = Array.ConvertAll(Best([() => Loops(a, b, c, n), () => Blocked(a, b, c, n), () => MatMulKernel.Best.Run(arguments)]), seconds => 2e-9 * n * n * n / seconds);
            loops.Add((n, rates[0]));
            blocked.Add((n, rates[1]));
            kernel.Add((n, rates[2]));
            Console.WriteLine($"    product of {n,4}³, 1 thread: three loops {rates[0],6:F2} GFLOP/s, in packed blocks of {Block} {rates[1],6:F2} ({rates[1] / rates[0]:F1} times), the library's kernel {rates[2],7:F1}");
            foreach (var matrix in (nint[])[(nint)a, (nint)b, (nint)c]) System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)matrix);
        }
        sheet.Save("cache-blocking", new()
        {
            Title = "What blocks do for a matrix product",
            Subtitle = $"One thread, float32. The same scalar multiply-adds with and without blocks of {Block} × {Block} that are packed first; the library's kernel adds vectors and registers.",
            X = new LogAxis("rows, columns and depth"),
            Y = new LogAxis("GFLOP/s"),
            Series = [new LineSeries("three loops", loops), new LineSeries($"three loops in packed blocks of {Block}", blocked), new LineSeries("the library's kernel", kernel)],
        });

        // By turns, so that a slow moment of the machine falls on all of them; large ones take seconds and get few turns.
        static double[] Best(Action[] works)
        {
            const int LeastTurns = 3, MostTurns = 200;
            const double Seconds = 1;
            var best = new double[works.Length];
            Array.Fill(best, double.PositiveInfinity);
            var all = Stopwatch.StartNew();
            for (var turn = 0; turn < LeastTurns || (turn < MostTurns && all.Elapsed.TotalSeconds < Seconds); turn++)
            {
                for (var i = 0; i < works.Length; i++)
                {
                    var time = Stopwatch.StartNew();
                    works[i]();
                    best[i] = Math.Min(best[i], time.Elapsed.TotalSeconds);
                }
            }
            return best;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loops(float* a, float* b, float* c, int n)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var sum = 0f;
                for (var k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
                c[i * n + j] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocked(float* a, float* b, float* c, int n)
    {
        new Span<float>(c, n * n).Clear();
        var packed = stackalloc float[Block * Block];
        for (var kk = 0; kk < n; kk += Block)
        {
            for (var jj = 0; jj < n; jj += Block)
            {
                // The block, column by column, in 16 KiB of its own: rows of the matrix a power of two apart would drive each other out.
                for (var k = 0; k < Block; k++)
                    for (var j = 0; j < Block; j++) packed[j * Block + k] = b[(kk + k) * n + jj + j];
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < Block; j++)
                    {
                        var sum = 0f;
                        for (var k = 0; k < Block; k++) sum += a[i * n + kk + k] * packed[j * Block + k];
                        c[i * n + jj + j] += sum;
                    }
                }
            }
        }
    }
}
