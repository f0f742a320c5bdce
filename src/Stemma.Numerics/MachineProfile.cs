using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics;

/// <summary>What this machine's processor has, and what it was measured to do.</summary>
/// <param name="ThreadCount">Threads the measurements used.</param>
/// <param name="InstructionSets">Instruction sets that Stemma's kernels use and this process may use, widest first.</param>
/// <param name="MatMulKernel">The matrix product kernel chosen for them.</param>
/// <param name="PeakFlops">float32 operations per second from registers, see <see cref="MachinePeak"/>.</param>
/// <param name="BFloat16PeakFlops">The same of products of bfloat16 factors; that of float32 where the level in use has no instruction for them.</param>
/// <param name="MatMulFlops">float32 operations per second of a 1,024³ matrix product, packing included.</param>
/// <param name="BFloat16MatMulFlops">The same with factors rounded to bfloat16, rounding included.</param>
/// <param name="ReadBandwidth">Bytes per second read from memory, not from a cache.</param>
/// <param name="UpdateBandwidth">Bytes per second read and written where one array is added to another in memory: writing may go on beside reading.</param>
public sealed record MachineProfile(
    int ThreadCount, IReadOnlyList<string> InstructionSets, string MatMulKernel, double PeakFlops, double BFloat16PeakFlops, double MatMulFlops, double BFloat16MatMulFlops, double ReadBandwidth, double UpdateBandwidth)
{
    private const int MatrixSize = 1024;
    private const long MemoryBytes = 256L << 20;

    /// <summary>The instruction sets that Stemma's kernels use and this process may use, widest first. Nothing is measured.</summary>
    public static IReadOnlyList<string> DetectedInstructionSets { get; } =
    [
        .. new[]
        {
            ("AMX", ProcessorLevels.Available.Contains(ProcessorLevel.Amx)), ("AVX-512 BF16", ProcessorLevels.Available.Contains(ProcessorLevel.Avx512BFloat16)),
            ("AVX-512", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512VL", Avx512F.VL.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("SSE4.2", Sse42.IsSupported), ("AdvSimd", AdvSimd.IsSupported), ("AdvSimd dot product", Dp.IsSupported),
        }.Where(set => set.Item2).Select(set => set.Item1),
    ];

    /// <summary>The most bytes per second that memory was seen to move.</summary>
    public double MemoryBandwidth => Math.Max(ReadBandwidth, UpdateBandwidth);

    /// <summary>Operations per second from registers, of factors of a precision.</summary>
    public double Peak(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? BFloat16PeakFlops : PeakFlops;

    /// <summary>
    /// The least time that work takes here: its operations at the peak, or its bytes at the bandwidth of memory, whichever is longer. Bytes that
    /// a cache still holds come faster than that.
    /// </summary>
    /// <returns>Seconds.</returns>
    public double Floor(double flops, double bytes, ComputePrecision precision) => Math.Max(flops / Peak(precision), bytes / MemoryBandwidth);

    /// <summary>The better of every figure: a machine that others use too is measured too low at some moments, never too high.</summary>
    public MachineProfile BestOf(MachineProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with
        {
            PeakFlops = Math.Max(PeakFlops, other.PeakFlops),
            BFloat16PeakFlops = Math.Max(BFloat16PeakFlops, other.BFloat16PeakFlops),
            MatMulFlops = Math.Max(MatMulFlops, other.MatMulFlops),
            BFloat16MatMulFlops = Math.Max(BFloat16MatMulFlops, other.BFloat16MatMulFlops),
            ReadBandwidth = Math.Max(ReadBandwidth, other.ReadBandwidth),
            UpdateBandwidth = Math.Max(UpdateBandwidth, other.UpdateBandwidth),
        };
    }

    /// <summary>Measures this machine, in two to three seconds.</summary>
    /// <param name="threads">1 to 64; 0 means one per processor.</param>
    public static MachineProfile Measure(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (threads == 0) threads = Math.Min(Environment.ProcessorCount, WorkerPool.MaxThreadCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, WorkerPool.MaxThreadCount);
        using var pool = new WorkerPool(threads);
        var (read, update) = MeasureMemory(pool);
        var (float32, bfloat16) = (MeasureMatMul(pool, MatMulPrecision.Float32), MeasureMatMul(pool, MatMulPrecision.BFloat16));
        return new(
            threads, DetectedInstructionSets, Backends.Cpu.MatMul.MatMulKernel.Best.Name,
            MachinePeak.Again(threads, ComputePrecision.Float32), MachinePeak.Again(threads, ComputePrecision.BFloat16), float32, bfloat16, read, update);
    }

    private static unsafe double MeasureMatMul(WorkerPool pool, MatMulPrecision precision)
    {
        const nuint Bytes = MatrixSize * MatrixSize * sizeof(float);
        var a = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        var b = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        var c = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        try
        {
            new Span<float>(a, MatrixSize * MatrixSize).Fill(0.5f);
            new Span<float>(b, MatrixSize * MatrixSize).Fill(0.25f);
            var arguments = new MatMulArguments { Rows = MatrixSize, Columns = MatrixSize, Depth = MatrixSize, A = a, StrideA = MatrixSize, B = b, StrideB = MatrixSize, C = c, StrideC = MatrixSize, Precision = precision };
            return 2.0 * MatrixSize * MatrixSize * MatrixSize / Best(0.4, () => Backends.Cpu.MatMul.MatMulKernel.Best.Run(pool, arguments));
        }
        finally
        {
            NativeMemory.AlignedFree(a);
            NativeMemory.AlignedFree(b);
            NativeMemory.AlignedFree(c);
        }
    }

    private static unsafe (double Read, double Update) MeasureMemory(WorkerPool pool)
    {
        // Slices short enough to fall between two interruptions; all of them together are too large for a cache.
        const int Slices = 32, Parts = 8;
        const int PartBytes = (int)(MemoryBytes / Slices / Parts), Count = PartBytes / sizeof(float);
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)MemoryBytes, 64);
        try
        {
            var sums = new float[Parts * 16];
            // Written first, so that every page is there; by the threads that read, so that it is near them.
            pool.Run(Slices * Parts, part => new Span<byte>(memory + (nint)part * PartBytes, PartBytes).Clear());
            var slice = 0;
            var read = Best(0.3, () =>
            {
                var start = memory + (nint)(slice++ % Slices) * Parts * PartBytes;
                pool.Run(Parts, part => sums[part * 16] = Sum((float*)(start + (nint)part * PartBytes), Count));
            });
            // From the first half of each part to the second.
            var update = Best(0.3, () =>
            {
                var start = memory + (nint)(slice++ % Slices) * Parts * PartBytes;
                pool.Run(Parts, part => Update((float*)(start + (nint)part * PartBytes), (float*)(start + (nint)part * PartBytes) + Count / 2, Count / 2));
            });
            const double SliceBytes = (double)Parts * PartBytes;
            return (SliceBytes / read, 1.5 * SliceBytes / update);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Update(float* from, float* to, int count)
    {
        for (var i = 0; i < count; i += 32)
        {
            (Vector512.Load(to + i) + Vector512.Load(from + i)).Store(to + i);
            (Vector512.Load(to + i + 16) + Vector512.Load(from + i + 16)).Store(to + i + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe float Sum(float* values, int count)
    {
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var end = values + count; values < end; values += 64)
        {
            a += Vector512.Load(values);
            b += Vector512.Load(values + 16);
            c += Vector512.Load(values + 32);
            d += Vector512.Load(values + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }

    /// <summary>The shortest of the repetitions that fit into a time, the first not counted.</summary>
    private static double Best(double seconds, Action action)
    {
        action();
        var (begin, best) = (Stopwatch.GetTimestamp(), double.PositiveInfinity);
        do
        {
            var watch = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(watch).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
        return best;
    }
}
