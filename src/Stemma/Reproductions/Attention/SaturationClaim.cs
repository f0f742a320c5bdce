using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Reproductions.Attention;

/// <summary>How far dot products of normal vectors spread, and what the softmax over them lets through.</summary>
internal static class SaturationClaim
{
    private const int Pairs = 4000, Queries = 200, Keys = 20;

    private static readonly int[] s_sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

    public static Reproduction Measure(ReproductionContext context)
    {
        var (dot, scaled) = (s_sizes.Select(size => Of(new DotScore(), size, context)).ToArray(), s_sizes.Select(size => Of(new ScaledDotScore(), size, context)).ToArray());
        var four = Array.IndexOf(s_sizes, 4);
        return new()
        {
            Measurements =
            [
                new("variance of dot products at size 512, per component", dot[^1].Variance / s_sizes[^1]),
                new("variance of scaled products at size 512", scaled[^1].Variance),
                new("gradient left without the scale at size 4", dot[four].Gradient / scaled[four].Gradient),
                new("gradient left without the scale at size 512", dot[^1].Gradient / scaled[^1].Gradient),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["dot-product-saturation"] = new Chart
                {
                    Title = "What a softmax over dot products lets through",
                    Subtitle = $"Σ|∂w/∂e| of {Keys} weights, normal queries and keys",
                    X = new LogAxis("components of a query"),
                    Y = new LinearAxis("size of the gradient") { Minimum = 0 },
                    Series = [Line("q·k", dot), Line("q·k ÷ √d", scaled)],
                },
            },
        };

        static LineSeries Line(string name, (double Variance, double Gradient)[] values) => new(name, [.. s_sizes.Zip(values, (size, value) => new ChartPoint(size, value.Gradient))]);
    }

    private static (double Variance, double Gradient) Of(AttentionScore score, int size, ReproductionContext context)
    {
        using var scope = Memory.Scope();
        var scores = score.Forward(Normal([Pairs, 1, size], 3), Normal([Pairs, 1, size], 4)).ToArray<float>();
        var weights = score.Forward(Normal([Queries, 1, size], 5), Normal([Queries, Keys, size], 6)).Softmax().ToArray<float>();
        // The Jacobian has w(1 − w) on its diagonal and −w_i·w_j beside it: together twice the diagonal.
        return (scores.Sum(value => (double)value * value) / Pairs, weights.Chunk(Keys).Average(row => row.Sum(w => 2.0 * w * (1 - w))));

        Tensor Normal(Shape shape, ulong seed)
        {
            var random = new RandomStream(seed);
            return Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)random.Normal((ulong)i))], shape, context.Device);
        }
    }
}
