using System.Globalization;
using System.Runtime.InteropServices;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Bench;

/// <summary>
/// `matmul`: the matrix product at the shapes of language models and at cubes, beside the processor's peak and, where paths are given, OpenBLAS
/// in float32 and oneDNN in bfloat16. Packing, and oneDNN's reorders, are part of every time. A ratio is the median of the rounds' own ratios.
/// </summary>
internal static unsafe class MatMulBench
{
    private static readonly (int Rows, int Columns, int Depth, char A, char B)[] Shapes =
    [
        (64, 64, 64, 'N', 'N'), (128, 128, 128, 'N', 'N'), (256, 256, 256, 'N', 'N'), (512, 512, 512, 'N', 'N'), (1024, 1024, 1024, 'N', 'N'), (2048, 2048, 2048, 'N', 'N'),
        (64, 64, 64, 'N', 'T'), (1024, 1024, 1024, 'N', 'T'), (1024, 1024, 1024, 'T', 'N'),
        (16384, 1152, 384, 'N', 'T'), (16384, 1536, 384, 'N', 'T'), (16384, 384, 1536, 'N', 'T'), (16384, 384, 1536, 'N', 'N'), (1536, 384, 16384, 'T', 'N'),
        (1024, 1152, 384, 'N', 'T'), (4096, 1152, 384, 'N', 'T'), (1024, 1536, 384, 'N', 'T'),
        (768, 384, 128, 'N', 'T'), (768, 128, 384, 'N', 'N'), (384, 128, 768, 'T', 'N'),
        (768, 128, 128, 'N', 'T'), (768, 128, 128, 'N', 'N'), (128, 128, 768, 'T', 'N'),
        (768, 512, 128, 'N', 'T'), (768, 128, 512, 'N', 'N'), (512, 128, 768, 'T', 'N'),
        (768, 128, 512, 'N', 'T'), (768, 512, 128, 'N', 'N'), (128, 512, 768, 'T', 'N'),
        (768, 65, 128, 'N', 'T'), (768, 128, 65, 'N', 'N'), (65, 128, 768, 'T', 'N'),
        (1024, 384, 128, 'N', 'T'), (1024, 128, 384, 'N', 'N'), (384, 128, 1024, 'T', 'N'),
        (1024, 128, 512, 'N', 'T'), (1024, 512, 128, 'N', 'N'), (128, 512, 1024, 'T', 'N'),
        (256, 4096, 128, 'N', 'T'), (256, 128, 4096, 'N', 'N'), (4096, 128, 256, 'T', 'N'),
        (256, 768, 768, 'N', 'T'), (256, 50304, 768, 'N', 'T'), (256, 768, 50304, 'N', 'N'), (50304, 768, 256, 'T', 'N'),
        (1, 384, 128, 'N', 'T'), (1, 2048, 2048, 'N', 'T'), (1, 50304, 768, 'N', 'T'), (4, 2048, 2048, 'N', 'T'), (1, 2048, 2048, 'N', 'N'),
    ];

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (threads, rounds) = (options.Number("--threads", Environment.ProcessorCount), options.Number("--rounds", Interleaved.Rounds));
        var (only, openBlas, oneDnn) = (options.Text("--only", ""), options.Text("--openblas", ""), options.Text("--onednn", ""));
        options.RequireAllUsed();
        using var pool = new WorkerPool(threads);
        var blas = openBlas.Length > 0 ? new OpenBlas(openBlas, threads) : null;
        using var dnn = oneDnn.Length > 0 ? new OneDnn(oneDnn, threads) : null;
        Console.WriteLine($"{MatMulKernel.Best.Name}, {threads} threads; GFLOP/s median / best of {rounds} interleaved rounds");
        Console.WriteLine($"{"shape",-22}{"float32 peak",14}{"float32",16}{(blas == null ? "" : "OpenBLAS"),16}{(blas == null ? "" : "ratio"),7}{"bfloat16",18}{(dnn == null ? "" : "oneDNN"),16}{(dnn == null ? "" : "ratio"),7}");
        var (ratios32, ratios16) = (new List<double>(), new List<double>());
        foreach (var shape in Shapes)
        {
            var name = $"{shape.Rows}x{shape.Columns}x{shape.Depth} {shape.A}{shape.B}";
            if (only.Split(',').Any(part => name.Contains(part, StringComparison.Ordinal)))
                Shape(name, shape, rounds, pool, blas, dnn, ratios32, ratios16);
        }
        if (ratios32.Count > 0) Console.WriteLine($"float32 / OpenBLAS: geometric mean {GeometricMean(ratios32):F2}, lowest {ratios32.Min():F2}");
        if (ratios16.Count > 0) Console.WriteLine($"bfloat16 / oneDNN:  geometric mean {GeometricMean(ratios16):F2}, lowest {ratios16.Min():F2}");
        return 0;
    }

    private static void Shape(string name, (int Rows, int Columns, int Depth, char A, char B) shape, int rounds, WorkerPool pool, OpenBlas? blas, OneDnn? dnn, List<double> ratios32, List<double> ratios16)
    {
        var (rows, columns, depth) = (shape.Rows, shape.Columns, shape.Depth);
        var a = Interleaved.Filled((long)rows * depth);
        var b = Interleaved.Filled((long)columns * depth);
        var c = Interleaved.Filled((long)rows * columns);
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
        };
        var rounded = arguments with { Precision = MatMulPrecision.BFloat16 };
        List<Action> variants = [() => pool.Run(pool.ThreadCount, PeakWork.Float32), () => MatMulKernel.Best.Run(pool, arguments), () => MatMulKernel.Best.Run(pool, rounded)];
        if (blas != null)
            variants.Add(() => blas.Multiply(arguments));
        using var product = dnn?.Create(rounded);
        if (product != null)
            variants.Add(product.Run);
        var seconds = Interleaved.Race(variants, rounds);
        var work = 2.0 * rows * columns * depth;
        Console.Write($"{name,-22}{Rate(PeakWork.Float32.GigaFlop * 1e9 * pool.ThreadCount, seconds[0]),14}{Rate(work, seconds[1]),16}");
        Console.Write(blas == null ? "" : $"{Rate(work, seconds[3]),16}{Ratio(seconds[3], seconds[1], ratios32),7}");
        Console.Write($"{Rate(work, seconds[2]),18}");
        Console.WriteLine(product == null ? "" : $"{Rate(work, seconds[^1]),16}{Ratio(seconds[^1], seconds[2], ratios16),7}");
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    private static string Rate(double work, double[] seconds) => string.Create(CultureInfo.InvariantCulture, $"{work * 1e-9 / Interleaved.Median(seconds):F1} /{work * 1e-9 / seconds.Min(),6:F1}");

    private static string Ratio(double[] peer, double[] own, List<double> ratios)
    {
        ratios.Add(Interleaved.Median(peer.Zip(own, (theirs, ours) => theirs / ours)));
        return ratios[^1].ToString("F2", CultureInfo.InvariantCulture);
    }

    private static double GeometricMean(List<double> values) => Math.Exp(values.Average(Math.Log));
}
