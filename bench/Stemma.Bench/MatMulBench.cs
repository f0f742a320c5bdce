using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Bench;

/// <summary>`matmul`: the matrix product at the shapes of language models, beside the processor's peak and, if a path is given, OpenBLAS.</summary>
internal static unsafe class MatMulBench
{
    private const int Rounds = 9;
    private const double SliceSeconds = 0.03;

    private static readonly (int Rows, int Columns, int Depth, char A, char B)[] Shapes =
    [
        (16384, 1152, 384, 'N', 'T'), (16384, 384, 1536, 'N', 'T'), (16384, 384, 1536, 'N', 'N'), (1536, 384, 16384, 'T', 'N'),
        (768, 384, 128, 'N', 'T'), (768, 128, 384, 'N', 'N'), (384, 128, 768, 'T', 'N'),
        (768, 128, 128, 'N', 'T'), (768, 128, 128, 'N', 'N'), (128, 128, 768, 'T', 'N'),
        (768, 512, 128, 'N', 'T'), (768, 128, 512, 'N', 'N'), (512, 128, 768, 'T', 'N'),
        (768, 128, 512, 'N', 'T'), (768, 512, 128, 'N', 'N'), (128, 512, 768, 'T', 'N'),
        (768, 65, 128, 'N', 'T'), (768, 128, 65, 'N', 'N'), (65, 128, 768, 'T', 'N'),
        (256, 50304, 768, 'N', 'T'), (1024, 1024, 1024, 'N', 'N'), (64, 64, 64, 'N', 'N'), (64, 64, 64, 'N', 'T'),
        (1, 384, 128, 'N', 'T'), (1, 2048, 2048, 'N', 'T'), (1, 50304, 768, 'N', 'T'), (4, 2048, 2048, 'N', 'T'), (1, 2048, 2048, 'N', 'N'),
    ];

    public static int Run(string[] args)
    {
        var threads = int.Parse(Option(args, "--threads") ?? Environment.ProcessorCount.ToString());
        var only = Option(args, "--only");
        using var pool = new WorkerPool(threads);
        using var blas = Option(args, "--openblas") is string path ? new OpenBlas(path, threads) : null;
        Console.WriteLine($"{MatMulKernel.Best.Name}, {threads} threads; GFLOP/s median / best of {Rounds} interleaved rounds");
        Console.WriteLine($"{"shape",-26}{"peak",14}{"stemma",16}{"of peak",9}{"bfloat16",16}{(blas == null ? "" : "OpenBLAS"),16}{(blas == null ? "" : "ratio"),8}");
        foreach (var shape in Shapes)
        {
            var name = $"{shape.Rows}x{shape.Columns}x{shape.Depth} {shape.A}{shape.B}";
            if (only == null || name.Contains(only, StringComparison.Ordinal))
                Shape(name, shape, pool, blas);
        }
        return 0;
    }

    private static void Shape(string name, (int Rows, int Columns, int Depth, char A, char B) shape, WorkerPool pool, OpenBlas? blas)
    {
        var (rows, columns, depth) = (shape.Rows, shape.Columns, shape.Depth);
        var a = Filled((long)rows * depth);
        var b = Filled((long)columns * depth);
        var c = Filled((long)rows * columns);
        var arguments = new MatMulArguments
        {
            Rows = rows,
            Columns = columns,
            Depth = depth,
            A = a,
            StrideA = shape.A == 'T' ? rows : depth,
            TransposeA = shape.A == 'T',
            B = b,
            StrideB = shape.B == 'T' ? depth : columns,
            TransposeB = shape.B == 'T',
            C = c,
            StrideC = columns,
            Precision = MatMulPrecision.Float32,
        };
        var rounded = arguments with { Precision = MatMulPrecision.BFloat16 };
        List<Action> variants =
        [
            () => pool.Run(pool.ThreadCount, new PeakWork()),
            () => MatMulKernel.Best.Run(pool, arguments),
            () => MatMulKernel.Best.Run(pool, rounded),
        ];
        if (blas != null)
            variants.Add(() => blas.Multiply(arguments));
        var times = Compare(variants);
        var work = 2.0 * rows * columns * depth * 1e-9;
        var peak = PeakWork.GigaFlop * pool.ThreadCount;
        var line = $"{name,-26}{peak / times[0].Median,6:F0} /{peak / times[0].Best,6:F0}{work / times[1].Median,8:F1} /{work / times[1].Best,6:F1}{times[0].Best / peak * work / times[1].Best,8:P0} {work / times[2].Median,8:F1} /{work / times[2].Best,6:F1}";
        if (blas != null)
            line += $"{work / times[3].Median,8:F1} /{work / times[3].Best,6:F1}{times[3].Median / times[1].Median,8:F2}";
        Console.WriteLine(line);
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    /// <summary>Seconds per call of each variant, taken in turns so that a slow moment of the machine falls on all of them.</summary>
    private static (double Median, double Best)[] Compare(List<Action> variants)
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

    private static double Time(Action action, int calls)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    private static float* Filled(long length)
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

    private static string? Option(string[] args, string name)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }

    /// <summary>Fused multiply-adds from registers alone: what the processor can do at best at this moment.</summary>
    private readonly struct PeakWork : IParallelWork
    {
        private const int Steps = 40_000;

        public static double GigaFlop => Steps * 12.0 * 2 * (Avx512F.IsSupported ? 16 : Fma.IsSupported ? 8 : 4) * 1e-9;

        public void Execute(int item)
        {
            if (Avx512F.IsSupported)
                Wide();
            else if (Fma.IsSupported)
                Middle();
            else
                Narrow();
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Wide()
        {
            Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f);
            Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
            for (var step = 0; step < Steps; step++)
            {
                a = Avx512F.FusedMultiplyAdd(a, x, y); b = Avx512F.FusedMultiplyAdd(b, x, y); c = Avx512F.FusedMultiplyAdd(c, x, y); d = Avx512F.FusedMultiplyAdd(d, x, y);
                e = Avx512F.FusedMultiplyAdd(e, x, y); f = Avx512F.FusedMultiplyAdd(f, x, y); g = Avx512F.FusedMultiplyAdd(g, x, y); h = Avx512F.FusedMultiplyAdd(h, x, y);
                i = Avx512F.FusedMultiplyAdd(i, x, y); j = Avx512F.FusedMultiplyAdd(j, x, y); k = Avx512F.FusedMultiplyAdd(k, x, y); l = Avx512F.FusedMultiplyAdd(l, x, y);
            }
            Keep(Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Middle()
        {
            Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(1e-3f);
            Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
            for (var step = 0; step < Steps; step++)
            {
                a = Fma.MultiplyAdd(a, x, y); b = Fma.MultiplyAdd(b, x, y); c = Fma.MultiplyAdd(c, x, y); d = Fma.MultiplyAdd(d, x, y);
                e = Fma.MultiplyAdd(e, x, y); f = Fma.MultiplyAdd(f, x, y); g = Fma.MultiplyAdd(g, x, y); h = Fma.MultiplyAdd(h, x, y);
                i = Fma.MultiplyAdd(i, x, y); j = Fma.MultiplyAdd(j, x, y); k = Fma.MultiplyAdd(k, x, y); l = Fma.MultiplyAdd(l, x, y);
            }
            Keep(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Narrow()
        {
            Vector128<float> x = Vector128.Create(0.999f), y = Vector128.Create(1e-3f);
            Vector128<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
            for (var step = 0; step < Steps; step++)
            {
                a = a * x + y; b = b * x + y; c = c * x + y; d = d * x + y; e = e * x + y; f = f * x + y;
                g = g * x + y; h = h * x + y; i = i * x + y; j = j * x + y; k = k * x + y; l = l * x + y;
            }
            Keep(Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Keep(float value) => _ = value;
    }
}
