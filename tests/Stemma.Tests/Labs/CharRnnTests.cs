using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 05 shows holds.</summary>
public sealed class CharRnnTests
{
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 300).Select(i => $"Gets or sets the {(i % 3 == 0 ? "name" : "value")} of part {i * 7 % 10}.\n"));

    [Fact]
    public void It_learns_its_text_and_writes_like_it()
    {
        var model = new CharacterModel(s_text, (weights, input) => new Lstm(weights, input, 48), seed: 1);
        var losses = model.Train(120, streams: 8, window: 32, learningRate: 1e-2).ToArray();
        Assert.True(losses[^1] < 0.25 * losses[0], $"{losses[0]} → {losses[^1]}");
        Assert.Contains("sets the", model.Write("Gets ", 60), StringComparison.Ordinal);
    }

    [Fact]
    public void The_gates_are_traced_letter_by_letter()
    {
        var trace = new CharacterModel(s_text, (weights, input) => new Lstm(weights, input, 8), seed: 1).Trace("Gets it");
        Assert.Equal(7, trace.Of(Site.ForgetGate).Count);
        Assert.All(trace.Of(Site.ForgetGate), step => Assert.Equal(8, step.Count));
    }

    [Fact]
    public void Gradients_are_measured_at_every_lag()
    {
        var (simple, gated) = (Lags((weights, input) => new Rnn(weights, input, 48)), Lags((weights, input) => new Lstm(weights, input, 48)));
        Assert.Equal(60, simple.Length);
        Assert.All(simple.Concat(gated), length => Assert.True(double.IsFinite(length) && length >= 0));
        Assert.True(simple[0] > 0 && gated[0] > 0);

        static double[] Lags(Func<IWeights, int, RecurrentNetwork> network)
        {
            var model = new CharacterModel(s_text, network, seed: 1);
            Assert.Equal(20, model.Train(20, streams: 8, window: 32, learningRate: 3e-3).Count());
            return model.GradientByLag(60);
        }
    }
}
