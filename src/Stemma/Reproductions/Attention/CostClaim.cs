using System.Diagnostics;
using System.Globalization;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Reproductions.Attention;

/// <summary>Time and memory of kinds of attention against the length, of a feed-forward layer against its width, and of a mixture against its experts; forward and backward.</summary>
internal static class CostClaim
{
    private const int Heads = 2, HeadSize = 32, Hidden = 64, Rounds = 3;

    private static readonly int[] s_lengths = [1024, 2048, 4096, 8192, 16384], s_widths = [64, 128, 256, 512, 1024], s_experts = [2, 4, 8, 16, 32];

    private static readonly (string Name, int MostLength, Func<int, Func<Tensor, Tensor, Tensor, Pass, Tensor>> Of)[] s_kinds =
    [
        // The whole matrix, as plain operations hold it: what the others are measured against in memory.
        ("matrix of all pairs", 4096, _ => (q, k, v, pass) => Matrix(q, k, v)),
        ("full", 16384, _ => Softmax(AttentionWindow.Causal, null)),
        ("window", 16384, _ => Softmax(AttentionWindow.Sliding(256), null)),
        ("strided", 16384, length => Softmax(AttentionWindow.Causal, new StridedPattern { Stride = (int)Math.Round(Math.Sqrt(length / 64)) })),
        ("Longformer", 16384, _ => Softmax(AttentionWindow.Causal, new LocalGlobalPattern { LocalCount = 4 })),
        ("BigBird", 16384, _ => Softmax(AttentionWindow.Causal, new BigBirdPattern { LocalCount = 2 })),
        ("LSH", 16384, _ => Mechanism(new LshAttention(16, 2, 64, isCausal: true, new RandomStream(1)))),
        ("linear", 16384, _ => Mechanism(new LinearAttention(new EluFeatures(HeadSize), isCausal: true))),
        ("FAVOR+", 16384, _ => Mechanism(new LinearAttention(new FavorFeatures(HeadSize, 64, new RandomStream(1)), isCausal: true))),
    ];

    /// <summary>What must come out, set before anything is measured.</summary>
    public static IReadOnlyList<Band> Bands { get; } =
    [
        new("slope of time, full", 1.7, 2.2), Band.AtMost("slope of time, window", 1.3), Band.AtMost("slope of time, strided", 1.75), Band.AtMost("slope of time, Longformer", 1.3), Band.AtMost("slope of time, BigBird", 1.3),
        Band.AtMost("slope of time, LSH", 1.3), Band.AtMost("slope of time, linear", 1.3), Band.AtMost("slope of time, FAVOR+", 1.3),
        Band.AtLeast("slope of memory, matrix of all pairs", 1.8), .. s_kinds.Skip(1).Select(kind => Band.AtMost($"slope of memory, {kind.Name}", 1.2)),
        new("slope of time against width", 1.5, 2.2), Band.AtMost("slope of time against experts", 0.5), new("slope of weights against experts", 0.9, 1.1),
    ];

    public static Reproduction Measure(ReproductionContext context)
    {
        var lengths = s_kinds.Select(kind => (kind.Name, Costs: Each(s_lengths.Where(length => length <= kind.MostLength), length => Attention(kind.Of(length), length, context.Device), context, kind.Name))).ToArray();
        var widths = Each(s_widths, width => FeedForward(width, context.Device), context, "width");
        var experts = Each(s_experts, count => Experts(count, context.Device), context, "experts");
        var weights = s_experts.Select(count => (X: (double)count, Y: 3.0 * count * Hidden * 4 * Hidden + count * Hidden)).ToArray();
        return new()
        {
            Measurements =
            [
                .. lengths.Select(kind => new Measurement($"slope of time, {kind.Name}", Slope(kind.Costs.TakeLast(3).Select(cost => (cost.X, cost.Seconds))))),
                .. lengths.Select(kind => new Measurement($"slope of memory, {kind.Name}", Slope(kind.Costs.TakeLast(3).Select(cost => (cost.X, cost.Bytes))))),
                new("slope of time against width", Slope(widths.TakeLast(3).Select(cost => (cost.X, cost.Seconds)))),
                new("slope of time against experts", Slope(experts.Select(cost => (cost.X, cost.Seconds)))),
                new("slope of weights against experts", Slope(weights)),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["attention-time"] = Figure("Time of attention, forward and backward", "processor time (ms)", lengths.Select(kind => new LineSeries(kind.Name, [.. kind.Costs.Select(cost => new ChartPoint(cost.X, cost.Seconds * 1e3))]))),
                ["attention-memory"] = Figure("Memory of attention at its peak, forward and backward", "memory (MB)", lengths.Select(kind => new LineSeries(kind.Name, [.. kind.Costs.Select(cost => new ChartPoint(cost.X, cost.Bytes / 1e6))]))),
            },
            Notes = Table(lengths, widths, experts),
        };
    }

    private static Chart Figure(string title, string axis, IEnumerable<LineSeries> series) => new()
    {
        Title = title,
        Subtitle = $"{Heads} heads of {HeadSize}, causal; blocks of 64",
        X = new LogAxis("length (tokens)"),
        Y = new LogAxis(axis),
        Series = [.. series],
    };

    private static string Table((string Name, (double X, double Seconds, double Bytes)[] Costs)[] lengths, (double X, double Seconds, double Bytes)[] widths, (double X, double Seconds, double Bytes)[] experts)
    {
        string Row(string name, IEnumerable<(double X, double Seconds, double Bytes)> costs) => string.Create(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Seconds * 1e3:0.0} ms, {cost.Bytes / 1e6:0.0} MB")))} |");
        string Head(string what, int[] sizes) => $"| {what} | {string.Join(" | ", sizes.Select(size => size.ToString("N0", CultureInfo.InvariantCulture)))} |\n|{string.Concat(Enumerable.Repeat("---|", sizes.Length + 1))}";
        return $"""
            Seconds of the processor, all threads together, best of {Rounds} rounds; memory is the most that tensors took at once beside the inputs. {Heads} heads of {HeadSize} channels, blocks of 64 positions, a window of
            256, a stride of the root of the number of blocks, 4 blocks of Longformer's window and 1 global, 2 of BigBird's with 1 global and 2 random, 16
            buckets in 2 rounds with 64 neighbours, 64 random features. Slopes are those of the three greatest lengths and widths, and of all numbers of experts.

            {Head("length (tokens)", s_lengths)}
            {string.Join('\n', lengths.Select(kind => Row(kind.Name, kind.Costs) + string.Concat(Enumerable.Repeat(" |", s_lengths.Length - kind.Costs.Length))))}

            {Head("width (channels), 256 rows through a feed-forward layer", s_widths)}
            {Row("GELU, four times as wide inside", widths)}

            {Head("experts, 2 for each of 2,048 rows", s_experts)}
            {Row($"SwiGLU of {Hidden} channels", experts)}
            """;
    }

    private static (double X, double Seconds, double Bytes)[] Each(IEnumerable<int> sizes, Func<int, Action> work, ReproductionContext context, string name)
    {
        var costs = new List<(double, double, double)>();
        foreach (var size in sizes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var action = work(size);
            long bytes;
            using (var watch = Memory.Watch())
            {
                action();
                bytes = watch.PeakBytes;
            }
            var best = double.PositiveInfinity;
            for (var round = 0; round < Rounds; round++) best = Math.Min(best, ProcessorSeconds(action));
            costs.Add((size, best, bytes));
            context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: {size:N0}: {best * 1e3:0.0} ms, {bytes / 1e6:0.0} MB"));
        }
        return [.. costs];
    }

    /// <summary>What the processor spends on an action: what else runs on the machine hardly changes it.</summary>
    private static double ProcessorSeconds(Action action)
    {
        using var process = Process.GetCurrentProcess();
        var clock = Stopwatch.StartNew();
        var (before, count) = (process.TotalProcessorTime, 0);
        do
        {
            action();
            count++;
        }
        while (clock.Elapsed.TotalSeconds < 0.05);
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalSeconds / count;
    }

    private static Action Attention(Func<Tensor, Tensor, Tensor, Pass, Tensor> attend, int length, Device device)
    {
        var (q, k, v) = (Normal([length, Heads, HeadSize], 1, device), Normal([length, Heads, HeadSize], 2, device), Normal([length, Heads, HeadSize], 3, device));
        var pass = new Pass(SequenceLayout.Batch(1, length));
        return Training(() => attend(q, k, v, pass));
    }

    private static Action FeedForward(int width, Device device)
    {
        Tensor x = Normal([256, width], 1, device), up = Normal([4 * width, width], 2, device), down = Normal([width, 4 * width], 3, device);
        return Training(() => x.Linear(up).GeluTanh().Linear(down));
    }

    private static Action Experts(int count, Device device)
    {
        var weights = new Weights(new InitialWeights(1), device);
        var initial = new Initializer.Normal(0.1);
        var mixture = new MixtureOfExperts(weights.Linear("gate", Hidden, count, initial, hasBias: false), [.. Enumerable.Range(0, count).Select(i => new GatedMlp(
            weights.Linear($"{i}.w1", Hidden, 4 * Hidden, initial, hasBias: false), ActivationKind.Silu.Function(), weights.Linear($"{i}.w3", Hidden, 4 * Hidden, initial, hasBias: false),
            weights.Linear($"{i}.w2", 4 * Hidden, Hidden, initial, hasBias: false), 0, 0))], new TopExperts(2), 0);
        var x = Normal([2048, Hidden], 1, device);
        var pass = new Pass(SequenceLayout.Batch(1, 2048));
        return Training(() => mixture.Forward(x, pass));
    }

    private static Action Training(Func<Tensor> forward) => () =>
    {
        using var tape = Tape.Start();
        tape.Backward(forward().Sum());
    };

    private static Func<Tensor, Tensor, Tensor, Pass, Tensor> Softmax(AttentionWindow window, BlockSparsePattern? pattern)
    {
        var scores = pattern is null ? null : new ScoreDescription { Pattern = pattern.Blocks(window) };
        return (q, k, v, pass) => TensorOps.Attention(q, k, v, pass.Layout, window, scores: scores);
    }

    private static Func<Tensor, Tensor, Tensor, Pass, Tensor> Mechanism(AttentionMechanism mechanism) => (q, k, v, pass) => mechanism.Attend(0, q, k, v, pass);

    private static Tensor Matrix(Tensor q, Tensor k, Tensor v)
    {
        var length = q.Shape[0];
        var hidden = new float[length * length];
        for (var i = 0; i < length; i++) hidden.AsSpan(i * length + i + 1, length - i - 1).Fill(-1e30f);
        var scores = q.Transpose(0, 1).MatMul(k.Transpose(0, 1).Transposed) * (1 / Math.Sqrt(HeadSize)) + Tensor.From(hidden, [length, length], q.Device);
        return scores.Softmax().MatMul(v.Transpose(0, 1)).Transpose(0, 1);
    }

    private static Tensor Normal(Shape shape, ulong stream, Device device)
    {
        var random = new RandomStream(1337, stream);
        return Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)(0.5 * random.Normal((ulong)i)))], shape, device).WithGradient();
    }

    /// <summary>The exponent p of the least-squares fit y = c·xᵖ.</summary>
    internal static double Slope(IEnumerable<(double X, double Y)> points)
    {
        var logs = points.Select(point => (X: Math.Log(point.X), Y: Math.Log(point.Y))).ToArray();
        var (x, y) = (logs.Average(point => point.X), logs.Average(point => point.Y));
        return logs.Sum(point => (point.X - x) * (point.Y - y)) / logs.Sum(point => (point.X - x) * (point.X - x));
    }
}
