using Stemma.Interpretability;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 02 shows holds.</summary>
public sealed class ActivationsAndNoiseTests
{
    [Fact]
    public void Large_steps_kill_units_and_small_ones_learn()
    {
        var (careful, careless) = (Trained(0.2), Trained(10));
        Assert.Equal(0, careful.Dead);
        Assert.True(careful.Accuracy > 0.95);
        Assert.True(careless.Dead > 32);
        Assert.True(careless.Accuracy < 0.7);

        static (int Dead, double Accuracy) Trained(double rate)
        {
            var net = new QuadrantNet(64, seed: 1);
            net.Train(steps: 300, batchSize: 32, rate);
            var activity = new UnitActivity(z => z.Relu());
            net.Loss(0, QuadrantNet.Examples, activity);
            return (activity.Layers[0].DeadCount, net.Accuracy());
        }
    }

    [Fact]
    public void The_noise_of_its_batches_falls_as_one_over_their_size()
    {
        var net = new QuadrantNet(16, seed: 2);
        var random = new RandomStream(3);
        var curve = GradientNoise.Measure([1, 4, 16, 64], draws: 100, (size, draw) => net.Gradients(size, random.Fork((ulong)size).Fork((ulong)draw)));
        Assert.Equal(-1, curve.Slope, 0.1);
    }
}
