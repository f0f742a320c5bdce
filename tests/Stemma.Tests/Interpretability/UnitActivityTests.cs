using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Interpretability;

/// <summary>Units that cannot learn are counted where it is known how many there are.</summary>
public sealed class UnitActivityTests
{
    private static readonly Pass s_pass = new(SequenceLayout.Batch(1, 256));

    [Fact]
    public void A_large_negative_bias_kills_as_many_relu_units_as_have_it()
    {
        var (hidden, x) = Hidden(units: 24);
        var activity = new UnitActivity(z => z.Relu());
        Run(activity, hidden, x);
        Assert.Equal(0, Assert.Single(activity.Layers).DeadCount);
        foreach (var unit in (int[])[0, 5, 6, 23]) hidden.Bias!.Value.Span<float>()[unit] = -100;
        activity = new(z => z.Relu());
        Run(activity, hidden, x);
        var layer = Assert.Single(activity.Layers);
        Assert.Equal((24, 4, 256L), (layer.UnitCount, layer.DeadCount, layer.Rows));
        Assert.Equal([0, 5, 6, 23], Enumerable.Range(0, 24).Where(unit => layer.FlatRows[unit] == layer.Rows));
        // The others are flat where they are below zero, which is as often as the definition says.
        var z = hidden.Forward(x).ToArray<float>();
        Assert.Equal(z.Count(value => value <= 0) / (double)z.Length, layer.FlatShare, 1e-12);
    }

    [Fact]
    public void A_unit_lives_when_one_row_of_many_batches_wakes_it()
    {
        var (hidden, x) = Hidden(units: 3);
        hidden.Bias!.Value.Span<float>()[1] = -100;
        var activity = new UnitActivity(z => z.Relu());
        Run(activity, hidden, x);
        Assert.Equal(1, activity.Layers[0].DeadCount);
        hidden.Bias.Value.Span<float>()[1] = 100;
        Run(activity, hidden, x.Slice(0, 0, 1));
        Assert.Equal(0, activity.Layers[0].DeadCount);
        Assert.Equal(257, activity.Layers[0].Rows);
    }

    [Theory]
    [InlineData("sigmoid", 2.8873)]  // σ(1 − σ) = 0.05
    [InlineData("tanh", 2.1783)]     // 1 − tanh² = 0.05
    public void Saturation_begins_where_the_slope_falls_below_the_threshold(string name, double edge)
    {
        Func<Tensor, Tensor> activation = name == "tanh" ? z => z.Tanh() : z => z.Sigmoid();
        var activity = new UnitActivity(activation, 0.05, Site.ResidualMid);
        activity.Observe(Site.ResidualMid, 3, Tensor.From([-edge - 1e-3, -edge + 1e-3, 0, edge - 1e-3, edge + 1e-3, 20], [1, 6]));
        activity.Observe(Site.MlpPre, 3, Tensor.From([20.0], [1, 1])); // another site, not watched
        var layer = Assert.Single(activity.Layers);
        Assert.Equal([1, 0, 0, 0, 1, 1], layer.FlatRows.Select(rows => (int)rows));
        Assert.Equal(3, layer.Layer);
        var ranges = ActivationFigure.Of(name, activation).Series.OfType<RangeSeries>().ToArray();
        Assert.Equal([-6, -edge, edge, 6], ranges.SelectMany(range => (double[])[range.From, range.To]), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Equal(["saturated: |f′| < 0.05", ""], ranges.Select(range => range.Name));
    }

    [Fact]
    public void The_figure_of_relu_is_flat_below_zero()
    {
        var chart = ActivationFigure.Of("ReLU", z => z.Relu(), -3, 3);
        var range = Assert.Single(chart.Series.OfType<RangeSeries>());
        Assert.Equal(-3, range.From);
        Assert.Equal(0, range.To, 0.01);
        var slope = chart.Series.OfType<LineSeries>().Single(line => line.Name == "f′(z)");
        Assert.All(slope.Points, point => Assert.Equal(point.X > 0 ? 1 : 0, point.Y));
        Assert.Contains("f′(z)", chart.ToSvg(), StringComparison.Ordinal);
        Assert.Empty(ActivationFigure.Of("identity", z => z * 1).Series.OfType<RangeSeries>());
    }

    [Fact]
    public void The_units_of_a_gpt_are_counted_in_every_block()
    {
        var weights = new Weights(new InitialWeights(3), Device.Cpu);
        var model = new Gpt2Model(new() { VocabSize = 32, LayerCount = 2, HeadCount = 2, HiddenSize = 16, ContextLength = 64 }, weights);
        var bias = model.Parameters.Single(weight => weight.Name == "transformer.h.1.mlp.c_fc.bias").Value;
        bias.Span<float>()[..7].Fill(-12);
        var activity = new UnitActivity(z => z.GeluTanh(), threshold: 1e-4);
        int[] tokens = [.. Enumerable.Range(0, 64).Select(i => i * i % 32)];
        var watched = model.Logits(Tensor.From(tokens, [64]), new Pass(SequenceLayout.Batch(1, 64), Observer: activity)).ToArray<float>();
        Assert.Equal([(0, 0), (1, 7)], activity.Layers.Select(layer => (layer.Layer, layer.DeadCount)));
        Assert.All(activity.Layers, layer => Assert.Equal((64, 64L), (layer.UnitCount, layer.Rows)));
        // Watching changes nothing.
        Assert.Equal(model.Logits(Tensor.From(tokens, [64]), new Pass(SequenceLayout.Batch(1, 64))).ToArray<float>(), watched);
    }

    private static (DenseLinear Hidden, Tensor X) Hidden(int units)
    {
        var hidden = (DenseLinear)new Weights(new InitialWeights(2), Device.Cpu).Linear("hidden", 4, units, new Initializer.Normal(0.7));
        var random = new RandomStream(1);
        return (hidden, Tensor.From([.. Enumerable.Range(0, 1024).Select(i => (float)random.Normal((ulong)i))], [256, 4]));
    }

    private static void Run(UnitActivity activity, DenseLinear hidden, Tensor x) =>
        (s_pass with { Observer = activity }).Observe(Site.MlpPre, 0, hidden.Forward(x)).Relu();
}
