using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Layers.Recurrent;

public sealed class GateBiasTests
{
    private const int Units = 50;

    [Fact]
    public void Open_forget_gates_have_the_bias_and_the_others_keep_theirs()
    {
        var (opened, fresh) = (Fresh(), Fresh());
        opened.OpenForgetGates(2);
        foreach (var (mine, other) in opened.Layers.Zip(fresh.Layers))
        {
            Assert.All(Gate(mine.InputBias, 1), bias => Assert.Equal(2, bias));
            Assert.All(Gate(mine.HiddenBias, 1), bias => Assert.Equal(0, bias));
            foreach (var gate in (int[])[0, 2, 3]) Assert.Equal(Gate(other.InputBias, gate), Gate(mine.InputBias, gate));
        }
    }

    [Fact]
    public void Chrono_gates_remember_for_all_lengths_up_to_the_longest()
    {
        var network = Fresh();
        network.ChronoGates(200, new(1));
        foreach (var layer in network.Layers)
        {
            var (input, forget) = (Gate(layer.InputBias, 0), Gate(layer.InputBias, 1));
            Assert.All(forget, bias => Assert.InRange(bias, 0, Math.Log(199)));
            Assert.Equal(forget.Select(bias => -bias), input);
            // e^bias is uniform: its mean is 100.
            Assert.InRange(forget.Average(bias => Math.Exp(bias)), 70, 130);
        }
        Assert.NotEqual(Gate(network.Layers[0].InputBias, 1), Gate(network.Layers[1].InputBias, 1));
    }

    private static Lstm Fresh() => new(new Weights(new InitialWeights(1), Device.Cpu), 3, Units, layerCount: 2);

    private static float[] Gate(Parameter bias, int gate) => bias.Value.ToArray<float>()[(gate * Units)..((gate + 1) * Units)];
}
