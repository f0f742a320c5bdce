using System.Runtime.InteropServices;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Bench;

/// <summary>`matmul`: the matrix product at the shapes of language models, beside the processor's peak and, if a path is given, OpenBLAS.</summary>
internal static unsafe class MatMulBench
{
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
        Console.WriteLine($"{MatMulKernel.Best.Name}, {threads} threads; GFLOP/s median / best of {Interleaved.Rounds} interleaved rounds");
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
        var times = Interleaved.Compare(variants);
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

    private static string? Option(string[] args, string name)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
