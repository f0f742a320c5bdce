using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Numerics;
using Xunit;

namespace Stemma.Tests.Layers;

/// <summary>Scores are what their papers say, attention is a mean over its own source alone, and its gradients are right.</summary>
public sealed class AttentionScoreTests
{
    private static readonly Dictionary<string, AttentionScoreConfig> s_scores = new()
    {
        ["dot"] = new DotScoreConfig(),
        ["scaled-dot"] = new ScaledDotScoreConfig(),
        ["general"] = new GeneralScoreConfig(),
        ["concat"] = new ConcatScoreConfig { Size = 3 },
        ["additive"] = new AdditiveScoreConfig { Size = 5 },
    };

    public static TheoryData<string> Scores => [.. s_scores.Keys];

    [Theory, MemberData(nameof(Scores))]
    public void Gradients_equal_central_differences(string name)
    {
        const double step = 1e-5;
        var weights = new List<Parameter>();
        var score = s_scores[name].Build(new DoubleWeights(weights), 4, 4);
        var (sources, targets) = (SequenceLayout.Packed(3, 1, 2), SequenceLayout.Packed(2, 2, 1));
        Tensor[] inputs = [Random([5, 4], "queries").WithGradient(), Random([6, 4], "values").WithGradient(), .. weights.Select(weight => weight.Value)];
        var direction = Random([5, 4], "direction");
        using (var tape = Tape.Start())
        {
            var gradients = tape.Backward(Loss());
            foreach (var (k, input) in inputs.Index())
            {
                Assert.True(gradients.TryGet(input, out var gradient), $"input {k} has no gradient");
                var expected = gradient.ToArray<double>();
                var x = input.Span<double>();
                var numeric = new double[expected.Length];
                using var pause = Tape.Pause();
                for (var i = 0; i < numeric.Length; i++)
                {
                    var kept = x[i];
                    x[i] = kept + step;
                    var above = Loss().ToScalar();
                    x[i] = kept - step;
                    numeric[i] = (above - Loss().ToScalar()) / (2 * step);
                    x[i] = kept;
                }
                Close.Check(expected, numeric, 1e-6, $"gradient of input {k}");
            }
        }

        Tensor Loss()
        {
            using var scope = Memory.Scope();
            var loss = (new SourceMemory(inputs[1], sources, score).Read(inputs[0], targets).Context * direction).Sum();
            return scope.Keep(loss);
        }
    }

    [Theory, MemberData(nameof(Scores))]
    public void Scores_equal_their_formulas(string name)
    {
        var weights = new List<Parameter>();
        var score = s_scores[name].Build(new DoubleWeights(weights), 4, 4);
        var (q, k) = (Random([1, 2, 4], "q"), Random([1, 3, 4], "k"));
        var scores = score.Forward(q, score.Prepare(k)).ToArray<double>();
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 3; j++)
            {
                var (query, key) = (q.ToArray<double>()[(4 * i)..(4 * i + 4)], k.ToArray<double>()[(4 * j)..(4 * j + 4)]);
                Assert.Equal(Formula(query, key), scores[3 * i + j], 1e-12);
            }

        double Formula(double[] q, double[] k) => name switch
        {
            "dot" => Dot(q, k),
            "scaled-dot" => Dot(q, k) / 2,
            "general" => Dot(q, Times("weight", k)),
            "concat" => Dot(Named("weight"), Times("pair.weight", [.. q, .. k]).Select(Math.Tanh)),
            _ => Dot(Named("weight"), Times("query.weight", q).Zip(Times("key.weight", k), (a, b) => Math.Tanh(a + b))),
        };

        double[] Named(string weight) => weights.Single(w => w.Name == weight).Value.ToArray<double>();
        double[] Times(string weight, double[] x) => [.. Named(weight).Chunk(x.Length).Select(row => Dot(row, x))];
        static double Dot(IEnumerable<double> a, IEnumerable<double> b) => a.Zip(b, (x, y) => x * y).Sum();
    }

    [Theory, MemberData(nameof(Scores))]
    public void Weights_sum_to_one_and_stay_within_their_source(string name)
    {
        var score = s_scores[name].Build(new Weights(new InitialWeights(1), Device.Cpu)["score"], 16, 16);
        int[] lengths = [3, 11, 1, 7];
        var values = Tensor.From([.. Enumerable.Range(0, 22 * 16).Select(i => (float)new RandomStream(1).Normal((ulong)i))], [22, 16]);
        var queries = Tensor.From([.. Enumerable.Range(0, 10 * 16).Select(i => (float)new RandomStream(2).Normal((ulong)i))], [10, 16]);
        var (context, weights) = new SourceMemory(values, SequenceLayout.Packed(lengths), score).Read(queries, SequenceLayout.Packed(4, 1, 2, 3));
        int[] sourceOfRow = [0, 0, 0, 0, 1, 2, 2, 3, 3, 3];
        foreach (var (row, looks) in weights.ToArray<float>().Chunk(11).Index())
        {
            Assert.Equal(1, looks.Sum(weight => (double)weight), 1e-6);
            Assert.All(looks[lengths[sourceOfRow[row]]..], weight => Assert.Equal(0, weight));
        }
        // A source alone is read as beside others, whatever the padding.
        var alone = new SourceMemory(values.Slice(0, 14, 1), SequenceLayout.Packed(1), score).Read(queries.Slice(0, 5, 2), SequenceLayout.Packed(2)).Context;
        Assert.Equal(values.Slice(0, 14, 1).ToArray<float>(), alone.ToArray<float>()[..16]);
        var last = new SourceMemory(values.Slice(0, 15, 7).Contiguous(), SequenceLayout.Packed(7), score).Read(queries.Slice(0, 7, 3).Contiguous(), SequenceLayout.Packed(3)).Context;
        Golden.Close([.. context.Slice(0, 7, 3).ToArray<float>().Select(v => (double)v)], last.ToArray<float>(), 1e-6, "the last source alone");
    }

    [Fact]
    public void Sizes_that_do_not_fit_and_empty_sources_are_refused()
    {
        var weights = new Weights(new InitialWeights(1), Device.Cpu);
        Assert.Contains("general", Assert.Throws<ConfigurationException>(() => new DotScoreConfig().Build(weights, 8, 4)).Message, StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => new ScaledDotScoreConfig().Build(weights, 8, 4));
        Assert.Throws<ArgumentException>(() => new SourceMemory(Tensor.Zeros([3, 4]), SequenceLayout.Packed(3, 0), new DotScore()));
    }

    // Vaswani et al. 2017, section 3.2.1 and footnote 4: fixed before it was run.
    [Fact]
    public void Without_the_scale_scores_spread_as_wide_as_there_are_components_and_the_gradient_dies()
    {
        foreach (var size in (int[])[4, 64, 512])
        {
            var (plain, scaled) = (Saturation(new DotScore(), size), Saturation(new ScaledDotScore(), size));
            Assert.InRange(plain.Variance, 0.85 * size, 1.15 * size);
            Assert.InRange(scaled.Variance, 0.85, 1.15);
            if (size == 4) Assert.InRange(plain.Gradient / scaled.Gradient, 0.2, 1.2);
            if (size == 512) Assert.True(plain.Gradient < 0.15 * scaled.Gradient, $"{plain.Gradient} against {scaled.Gradient}");
        }
    }

    /// <summary>The variance of scores of independent normal queries and keys, and the mean size of the softmax's Jacobian, Σ|∂w_i/∂e_j|, among 20 keys.</summary>
    private static (double Variance, double Gradient) Saturation(AttentionScore score, int size)
    {
        const int pairs = 4000, keys = 20;
        var scores = score.Forward(Normal([pairs, 1, size], 3), Normal([pairs, 1, size], 4)).ToArray<float>();
        var weights = score.Forward(Normal([200, 1, size], 5), Normal([200, keys, size], 6)).Softmax().ToArray<float>();
        // The diagonal holds w(1 − w), all else −w_i·w_j: together twice the diagonal.
        var jacobian = weights.Chunk(keys).Average(row => row.Sum(w => 2.0 * w * (1 - w)));
        return (scores.Sum(v => (double)v * v) / pairs, jacobian);

        static Tensor Normal(Shape shape, ulong seed) => Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)new RandomStream(seed).Normal((ulong)i))], shape);
    }

    private static Tensor Random(Shape shape, string name) =>
        Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => new RandomStream(5).Fork(name).Normal((ulong)i))], shape, Device.Reference);
}
