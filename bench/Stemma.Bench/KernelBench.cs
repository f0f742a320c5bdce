using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Attention;
using Stemma.Numerics.Backends.Cpu.Elementwise;
using Stemma.Numerics.Backends.Cpu.Rows;

namespace Stemma.Bench;

/// <summary>`kernels`: attention at training shapes, and the kernels over rows and elements.</summary>
internal static unsafe class KernelBench
{
    private static readonly (int Batch, int Time, int Heads, int Size)[] Shapes = [(12, 64, 4, 32), (16, 256, 6, 64), (1, 2048, 12, 64), (4, 1024, 12, 64)];

    public static int Run(string[] args)
    {
        var index = Array.IndexOf(args, "--threads");
        using var pool = new WorkerPool(index >= 0 ? int.Parse(args[index + 1]) : Environment.ProcessorCount);
        Console.WriteLine($"{pool.ThreadCount} threads; median / best of {Interleaved.Rounds} interleaved rounds");
        foreach (var shape in Shapes)
            Attention(shape, pool);
        Elements(pool, 768, 128, 65);
        Elements(pool, 4096, 384, 50304);
        return 0;
    }

    private static void Attention((int Batch, int Time, int Heads, int Size) shape, WorkerPool pool)
    {
        var (batch, time, heads, size) = shape;
        var hidden = heads * size;
        var qkv = Interleaved.Filled((long)batch * time * 3 * hidden);
        var dqkv = Interleaved.Filled((long)batch * time * 3 * hidden);
        var output = Interleaved.Filled((long)batch * time * hidden);
        var outputGradient = Interleaved.Filled((long)batch * time * hidden);
        var offsets = Enumerable.Range(0, batch + 1).Select(i => i * time).ToArray();
        var arguments = new AttentionArguments
        {
            HeadCount = heads,
            KvHeadCount = heads,
            HeadSize = size,
            Scale = 1f / MathF.Sqrt(size),
            Query = new HeadRows(qkv, 3 * hidden, size),
            Key = new HeadRows(qkv + hidden, 3 * hidden, size),
            Value = new HeadRows(qkv + 2 * hidden, 3 * hidden, size),
            Output = new HeadRows(output, hidden, size),
            LogSumExp = Interleaved.Filled((long)batch * time * heads),
        };
        var gradients = new AttentionGradients
        {
            Output = new HeadRows(outputGradient, hidden, size),
            Query = new HeadRows(dqkv, 3 * hidden, size),
            Key = new HeadRows(dqkv + hidden, 3 * hidden, size),
            Value = new HeadRows(dqkv + 2 * hidden, 3 * hidden, size),
        };
        var dropped = arguments with { Dropout = new AttentionDropout(0.2f, 1, 2) };
        List<Action> variants = [() => pool.Run(pool.ThreadCount, PeakWork.Float32)];
        foreach (var precision in new[] { ComputePrecision.Float32, ComputePrecision.BFloat16 })
        {
            var kernel = AttentionKernel.Best(precision);
            variants.Add(() => kernel.Forward(pool, arguments, offsets, offsets));
            variants.Add(() => kernel.Backward(pool, arguments, gradients, offsets, offsets));
            variants.Add(() => kernel.Forward(pool, dropped, offsets, offsets));
            variants.Add(() => kernel.Backward(pool, dropped, gradients, offsets, offsets));
        }
        var times = Interleaved.Compare(variants);
        // Causal: half of the scores count.
        var work = 2.0 * batch * heads * time * (time + 1.0) * size * 1e-9;
        var peak = PeakWork.Float32.GigaFlop * pool.ThreadCount;
        Console.WriteLine($"attention batch {batch} time {time} heads {heads} size {size}: peak {peak / times[0].Median:F0} / {peak / times[0].Best:F0} GFLOP/s (float32)");
        string[] names = ["forward", "backward", "forward, dropout 0.2", "backward, dropout 0.2"];
        for (var i = 0; i < 2 * names.Length; i++)
        {
            var (median, best) = times[i + 1];
            var flop = work * (i % 2 == 0 ? 1 : 2.5);
            var name = (i < names.Length ? "float32 " : "bfloat16 ") + names[i % names.Length];
            Console.WriteLine($"    {name,-32}{median * 1e6,10:F0} / {best * 1e6,8:F0} µs {flop / median,8:F0} / {flop / best,4:F0} GFLOP/s of the visible half, {flop / best / (peak / times[0].Best),4:P0} of the float32 peak");
        }
    }

    private static void Elements(WorkerPool pool, int rows, int width, int vocab)
    {
        var length = (long)rows * width;
        float* x = Interleaved.Filled(length), y = Interleaved.Filled(length), z = Interleaved.Filled(length), w = Interleaved.Filled(length);
        float* weight = Interleaved.Filled(width), gradients = Interleaved.Filled(2 * width), saved = Interleaved.Filled(2L * rows);
        var logitRows = Math.Min(rows, 1024);
        var logits = Interleaved.Filled((long)logitRows * vocab);
        var targets = new int[logitRows];
        var adam = new AdamWStep { LearningRate = 1e-9, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, Step = 10 };
        NormRows<LayerNormKind>.Forward(pool, x, weight, weight, y, saved, saved + rows, rows, width, 1e-5f);
        (string Name, long Elements, Action Action)[] cases =
        [
            ("layer norm forward", length, () => NormRows<LayerNormKind>.Forward(pool, x, weight, weight, y, saved, saved + rows, rows, width, 1e-5f)),
            ("layer norm backward", length, () => NormRows<LayerNormKind>.Backward(pool, x, weight, saved, saved + rows, y, z, accumulate: false, gradients, gradients + width, rows, width)),
            ("column sums", length, () => ColumnSums.Run(pool, x, width, rows, width, gradients)),
            ("softmax", length, () => SoftmaxRows.Forward(pool, x, y, rows, width)),
            ("AdamW", length, () => adam.Run(pool, x, y, z, w, (nint)length)),
            ("cross-entropy", (long)logitRows * vocab, () => Loss(null)),
            ("cross-entropy, gradient", (long)logitRows * vocab, () => Loss(1f)),
        ];
        new Span<float>(w, (int)length).Clear();
        var times = Interleaved.Compare([.. cases.Select(c => c.Action)]);
        Console.WriteLine($"{rows} x {width}; cross-entropy {logitRows} x {vocab}; Gelem/s");
        for (var i = 0; i < cases.Length; i++)
            Console.WriteLine($"    {cases[i].Name,-26}{times[i].Median * 1e6,10:F0} / {times[i].Best * 1e6,8:F0} µs {cases[i].Elements * 1e-9 / times[i].Median,8:F2} / {cases[i].Elements * 1e-9 / times[i].Best,5:F2}");

        void Loss(float? scale)
        {
            fixed (int* ids = targets)
                CrossEntropyRows.Run(pool, logits, ids, -100, saved, logitRows, vocab, 0f, scale);
        }
    }
}
