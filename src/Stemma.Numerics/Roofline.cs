using System.Diagnostics;
using Stemma.Numerics.Backends.Profiling;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics;

/// <summary>
/// What bounds each hot operation of training on this machine, arithmetic or memory, and how near it comes. Williams, Waterman and
/// Patterson 2009, "Roofline: an insightful visual performance model for multicore architectures".
/// </summary>
/// <param name="Machine">The roof.</param>
/// <param name="Operations">What stands below it. One whose operands a cache still holds may stand above the slope of memory.</param>
public sealed record Roofline(MachineProfile Machine, IReadOnlyList<MeasuredOperation> Operations)
{
    // The shapes of a training step of 6 layers of 384 channels with 16,384 tokens; attention over a quarter of them.
    private const int Rows = 16384, Width = 384, Heads = 6, Time = 256;
    private const int Rounds = 6;
    private const double SliceSeconds = 0.02;

    /// <summary>Operations per second that the roof allows at an intensity.</summary>
    /// <param name="intensity">Operations per byte.</param>
    /// <param name="precision">What the factors of products are rounded to.</param>
    public double Attainable(double intensity, ComputePrecision precision) => Math.Min(Machine.Peak(precision), intensity * Machine.MemoryBandwidth);

    /// <summary>Measures this machine, in about ten seconds, with about 600 MB.</summary>
    /// <param name="threads">1 to 64; 0 means one per processor.</param>
    public static Roofline Measure(int threads = 0)
    {
        var before = MachineProfile.Measure(threads);
        using var scope = Memory.Scope();
        List<ProfilingBackend> profiles = [];
        List<Action> calls = [];
        foreach (var precision in Enum.GetValues<ComputePrecision>())
        {
            var device = Device.CreateCpu(before.ThreadCount, precision).With(inner =>
            {
                profiles.Add(new(inner, precision));
                return profiles[^1];
            });
            calls.AddRange(Products(device));
            if (precision == ComputePrecision.Float32) calls.AddRange([.. Attention(device), .. Elementwise(device)]);
        }
        foreach (var profile in profiles) profile.Costs.Clear();    // of what filled the operands
        // By turns, so that a slow moment of the machine falls on all of them.
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var call in calls)
            {
                var watch = Stopwatch.StartNew();
                do call();
                while (watch.Elapsed.TotalSeconds < SliceSeconds);
            }
        }
        MeasuredOperation[] operations =
        [
            .. from profile in profiles
               from cost in profile.Costs
               let count = cost.Value.Calls
               select new MeasuredOperation(cost.Key.Operation, cost.Key.Shape, cost.Value.Precision, cost.Value.Flops / count, cost.Value.Bytes / count, cost.Value.BestSeconds),
        ];
        foreach (var operation in operations) MachinePeak.Flops(before.ThreadCount, operation.Precision, operation.FlopsPerSecond);
        return new(MachineProfile.Measure(threads).BestOf(before), operations);
    }

    /// <summary>A projection, its weight's gradient, the same of a small model, and one token against a large vocabulary.</summary>
    private static IEnumerable<Action> Products(Device device)
    {
        yield return Product(Rows, 3 * Width, Width, false);
        yield return Product(3 * Width, Width, Rows, true);
        yield return Product(768, 384, 128, false);
        yield return Product(1, 50304, 768, false);

        Action Product(int rows, int columns, int depth, bool ofWeight)
        {
            // Activations as the device stores them, weights and their gradients in float32.
            var a = ofWeight ? Filled(device, depth, rows).Cast(device.ActivationType).Transposed : Filled(device, rows, depth).Cast(device.ActivationType);
            var b = ofWeight ? Filled(device, depth, columns).Cast(device.ActivationType) : Filled(device, columns, depth).Transposed;
            var c = Tensor.Empty([rows, columns], ofWeight ? DType.Float32 : device.ActivationType, device);
            return () => device.Backend.MatMul(a, b, c, null, accumulate: false);
        }
    }

    private static IEnumerable<Action> Attention(Device device)
    {
        const int Tokens = Rows / 4, Size = Width / Heads;
        Tensor qkv = Filled(device, Tokens, 3, Heads, Size), gradients = Tensor.Empty(qkv.Shape, DType.Float32, device);
        Tensor y = Tensor.Empty([Tokens, Heads, Size], DType.Float32, device), sums = Tensor.Empty([Tokens, Heads], DType.Float32, device);
        var arguments = new AttentionArguments(qkv.Select(1, 0), qkv.Select(1, 1), qkv.Select(1, 2), SequenceLayout.Batch(Tokens / Time, Time), AttentionWindow.Causal, 1 / Math.Sqrt(Size), 0, default);
        yield return () => device.Backend.Attention(arguments, y, sums);
        yield return () => device.Backend.AttentionGradient(arguments, y, sums, y, gradients.Select(1, 0), gradients.Select(1, 1), gradients.Select(1, 2), null);
    }

    private static IEnumerable<Action> Elementwise(Device device)
    {
        const int Vocab = 50304, LogitRows = 512, Weights = 8 << 20;
        var backend = device.Backend;
        Tensor x = Filled(device, Rows, Width), dy = Filled(device, Rows, Width), y = Tensor.Empty(x.Shape, DType.Float32, device), weight = Filled(device, Width), bias = Filled(device, Width);
        Tensor mean = Tensor.Empty([Rows], DType.Float32, device), rstd = Tensor.Empty([Rows], DType.Float32, device);
        Tensor dweight = Tensor.Empty([Width], DType.Float32, device), dbias = Tensor.Empty([Width], DType.Float32, device);
        yield return () => backend.LayerNorm(x, weight, bias, 1e-5, y, mean, rstd);
        yield return () => backend.LayerNormGradient(x, weight, mean, rstd, dy, y, accumulate: false, dweight, dbias);
        yield return () => backend.Map<GeluTanhKernel>(x, y);
        yield return () => backend.Dropout(x, 0.2, new RandomStream(1), dy, y);
        yield return () => backend.Softmax(x, y);
        Tensor logits = Filled(device, LogitRows, Vocab), gradient = Tensor.Empty(logits.Shape, DType.Float32, device);
        Tensor targets = Tensor.Zeros([LogitRows], DType.Int32, device), losses = Tensor.Empty([LogitRows], DType.Float32, device);
        yield return () => backend.CrossEntropy(logits, targets, -100, 0, losses, 1, gradient);
        Tensor weights = Filled(device, Weights), gradients = Filled(device, Weights), first = Tensor.Zeros([Weights], device: device), second = Tensor.Zeros([Weights], device: device);
        yield return () => backend.Adam(new(1e-9, 0.9, 0.95, 1e-8, 0.1, Decoupled: true, Step: 10), [new(weights, gradients, first, second)]);
    }

    /// <summary>Numbers between -1 and 1 that repeat late.</summary>
    private static Tensor Filled(Device device, params ReadOnlySpan<int> sizes)
    {
        var shape = Shape.Create(sizes);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (i * 2654435769u % 65536) / 32768f - 1;
        return Tensor.From(values, shape, device);
    }
}
