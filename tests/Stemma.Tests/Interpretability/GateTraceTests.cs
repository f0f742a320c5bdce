using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Interpretability;

public sealed class GateTraceTests
{
    private static readonly Tensor s_x = Tensor.From([.. Enumerable.Range(0, 12).Select(i => (float)Math.Sin(i))], [6, 2]);

    [Fact]
    public void It_sees_every_unit_at_every_step_and_changes_nothing()
    {
        var network = new Lstm(new Weights(new InitialWeights(1), Device.Cpu), 2, 5, layerCount: 2);
        var trace = new GateTrace(layer: 1);
        var watched = network.Forward(s_x, new Pass(SequenceLayout.Batch(1, 6), Observer: trace)).Output.ToArray<float>();
        Assert.Equal(network.Forward(s_x, SequenceLayout.Batch(1, 6)).Output.ToArray<float>(), watched, (a, b) => Math.Abs(a - b) < 1e-5);
        // The uppermost layer's hidden state is what the network gives.
        Assert.Equal(watched, trace.Of(Site.HiddenState).SelectMany(step => step));
        foreach (var site in (Site[])[Site.InputGate, Site.ForgetGate, Site.OutputGate, Site.Cell]) Assert.Equal(6, trace.Of(site).Count);
        Assert.Empty(trace.Of(Site.ResetGate));
        var figure = trace.Figure(["a", "b", "c", "d", "e", "f"], trace.LiveliestUnit(Site.Cell));
        Assert.Equal(["cell", "input gate", "forget gate", "output gate"], figure.Series.Select(series => series.Name));
        Assert.Contains("cell", figure.ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_liveliest_unit_is_the_one_that_moves_most()
    {
        var trace = new GateTrace();
        foreach (var step in (float[][])[[5, 0, 1], [5, 1, 1.1f], [5, -1, 1]]) trace.Observe(Site.Cell, 0, Tensor.From(step, [1, 3]));
        Assert.Equal(1, trace.LiveliestUnit(Site.Cell));
        Assert.Throws<InvalidOperationException>(() => trace.LiveliestUnit(Site.UpdateGate));
        Assert.Throws<ArgumentException>(() => trace.Observe(Site.Cell, 0, Tensor.Zeros([2, 3])));
    }

    [Fact]
    public void A_held_value_is_the_number_wherever_it_comes_up_and_others_are_left()
    {
        var held = new HeldValue(Site.ForgetGate, 0.25);
        Assert.All(held.Observe(Site.ForgetGate, 3, Tensor.Zeros([2, 3])).ToArray<float>(), value => Assert.Equal(0.25f, value));
        var other = Tensor.Zeros([2, 3]);
        Assert.Same(other, held.Observe(Site.InputGate, 0, other));
    }
}
