using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Bench.Claims;

/// <summary>
/// Training tokens per second of one transformer layer, which takes all positions at once, and one LSTM layer of the same width, which takes them
/// one after the other. Vaswani et al. 2017, arXiv:1706.03762, table 1: sequential operations O(1) against O(n).
/// </summary>
internal static class ParallelClaim
{
    private const int Width = 512, Heads = 8;
    private static readonly int[] s_lengths = [64, 128, 256, 512, 1024];

    public static void Run(ClaimSheet sheet)
    {
        var device = Device.CreateCpu(sheet.ThreadCount);
        List<ChartPoint> transformer = [], lstm = [];
        foreach (var (batch, lengths) in ((int, int[])[])[(1, s_lengths), (32, [128])])
        {
            foreach (var length in lengths)
            {
                var times = Interleaved.Compare([Transformer(device, batch, length), Recurrent(device, batch, length)]);
                var rates = times.Select(time => batch * length / time.Best).ToArray();
                // Six operations per weight and token; the transformer's 12 d² weights and half of the scores, the LSTM's 8 d².
                double[] flops = [6.0 * 12 * Width * Width + 6.0 * Width * length, 6.0 * 8 * Width * Width];
                Console.WriteLine($"    {batch,2} × {length,4} tokens: transformer {rates[0],9:N0} tokens/s ({rates[0] * flops[0] * 1e-9:F0} GFLOP/s), LSTM {rates[1],9:N0} tokens/s ({rates[1] * flops[1] * 1e-9:F0} GFLOP/s); {rates[0] / rates[1]:F2} times the tokens, {rates[0] * flops[0] / (rates[1] * flops[1]):F1} times the operations per second");
                if (batch > 1) continue;
                transformer.Add((length, rates[0]));
                lstm.Add((length, rates[1]));
            }
        }
        sheet.Save("parallel-positions", new()
        {
            Title = "All positions at once, or one after the other",
            Subtitle = $"Forward and backward of one layer of width {Width}, one sequence, {sheet.ThreadCount} threads, float32. A transformer layer does half as many operations more per token.",
            X = new LogAxis("length of the sequence (tokens)"),
            Y = new LinearAxis("tokens per second") { Minimum = 0 },
            Series = [new LineSeries("transformer layer", transformer), new LineSeries("LSTM layer", lstm)],
        });
    }

    private static Action Transformer(Device device, int batch, int length)
    {
        var weights = new Weights(new InitialWeights(1), device);
        var normal = new Initializer.Normal(0.02);
        var attention = new SelfAttention(new JointProjection(weights.Linear("qkv", Width, 3 * Width, normal), Heads, Heads, Width / Heads), weights.Linear("out", Width, Width, normal), new(), 0);
        LayerNorm before = new(weights["a"], Width, 1e-5), between = new(weights["b"], Width, 1e-5);
        var mlp = new Mlp(weights.Linear("up", Width, 4 * Width, normal), Activation.GeluTanh, weights.Linear("down", 4 * Width, Width, normal), 0, 0);
        var x = ClaimSheet.Filled(device, batch * length, Width).WithGradient();
        var pass = new Pass(SequenceLayout.Batch(batch, length));
        return () =>
        {
            using var tape = Tape.Start();
            var y = attention.AddTo(x, before.Forward(x), pass);
            tape.Backward(mlp.AddTo(y, between.Forward(y), pass).Sum());
        };
    }

    private static Action Recurrent(Device device, int batch, int length)
    {
        var lstm = new Lstm(new Weights(new InitialWeights(1), device), Width, Width);
        var x = ClaimSheet.Filled(device, batch * length, Width).WithGradient();
        var layout = SequenceLayout.Batch(batch, length);
        return () =>
        {
            using var tape = Tape.Start();
            tape.Backward(lstm.Forward(x, layout).Output.Sum());
        };
    }
}
