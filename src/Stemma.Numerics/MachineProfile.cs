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
/// <param name="MatMulFlops">float32 operations per second of a 1,024³ matrix product, packing included.</param>
/// <param name="ReadBandwidth">Bytes per second read from memory, not from a cache.</param>
public sealed record MachineProfile(int ThreadCount, IReadOnlyList<string> InstructionSets, string MatMulKernel, double PeakFlops, double MatMulFlops, double ReadBandwidth)
{
    private const int MatrixSize = 1024;
    private const long ReadBytes = 256L << 20;

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

    /// <summary>Measures this machine, in about a second.</summary>
    /// <param name="threads">1 to 64; 0 means one per processor.</param>
    public static MachineProfile Measure(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (threads == 0) threads = Math.Min(Environment.ProcessorCount, WorkerPool.MaxThreadCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, WorkerPool.MaxThreadCount);
        using var pool = new WorkerPool(threads);
        return new(threads, DetectedInstructionSets, Backends.Cpu.MatMul.MatMulKernel.Best.Name, MachinePeak.Flops(threads), MeasureMatMul(pool), MeasureRead(pool));
    }

    private static unsafe double MeasureMatMul(WorkerPool pool)
    {
        const nuint Bytes = MatrixSize * MatrixSize * sizeof(float);
        var a = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        var b = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        var c = (float*)NativeMemory.AlignedAlloc(Bytes, 64);
        try
        {
            new Span<float>(a, MatrixSize * MatrixSize).Fill(0.5f);
            new Span<float>(b, MatrixSize * MatrixSize).Fill(0.25f);
            var arguments = new MatMulArguments { Rows = MatrixSize, Columns = MatrixSize, Depth = MatrixSize, A = a, StrideA = MatrixSize, B = b, StrideB = MatrixSize, C = c, StrideC = MatrixSize };
            return 2.0 * MatrixSize * MatrixSize * MatrixSize / Best(0.4, () => Backends.Cpu.MatMul.MatMulKernel.Best.Run(pool, arguments));
        }
        finally
        {
            NativeMemory.AlignedFree(a);
            NativeMemory.AlignedFree(b);
            NativeMemory.AlignedFree(c);
        }
    }

    private static unsafe double MeasureRead(WorkerPool pool)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)ReadBytes, 64);
        try
        {
            const int Parts = 64;
            var sums = new float[Parts * 16];
            // Written first, so that every page is there; by the threads that read, so that it is near them.
            pool.Run(Parts, part => new Span<byte>(memory + part * (ReadBytes / Parts), (int)(ReadBytes / Parts)).Fill(1));
            return ReadBytes / Best(0.3, () => pool.Run(Parts, part => sums[part * 16] = Sum((float*)(memory + part * (ReadBytes / Parts)), (int)(ReadBytes / Parts / sizeof(float)))));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
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
