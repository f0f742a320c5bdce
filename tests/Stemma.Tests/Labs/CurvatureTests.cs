using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 08 shows holds.</summary>
public sealed class CurvatureTests
{
    [Fact]
    public void A_saddle_holds_gradient_descent_and_noise_lets_it_go()
    {
        // Along y a step multiplies by 1 + 2·0.1: noise of 10⁻⁵ becomes 1 after about ln 10⁵ / ln 1.2 = 63 steps.
        var still = Descent.OnSaddle(noise: 0, steps: 150, learningRate: 0.1, seed: 1);
        Assert.Equal(1, still[0]);
        Assert.Equal(0, still[^1], 1e-12);
        var escaped = Descent.OnSaddle(noise: 1e-5, steps: 150, learningRate: 0.1, seed: 1);
        Assert.True(Math.Abs(escaped[30]) < 0.01);
        Assert.True(escaped[^1] < -1);
        Assert.InRange(Array.FindIndex(escaped, height => height < -1), 40, 90);
    }

    [Fact]
    public void A_convex_loss_has_one_minimum_and_a_nets_has_several()
    {
        var (convex, net) = (Descent.FinalLosses(hiddenSize: 0, starts: 8, steps: 800), Descent.FinalLosses(hiddenSize: 2, starts: 12, steps: 800));
        Assert.True(convex.Max() - convex.Min() < 1e-3, $"{convex.Min()} to {convex.Max()}");
        Assert.True(net.Max() - net.Min() > 0.1, $"{net.Min()} to {net.Max()}");
        Assert.True(net.Min() < 0.5 * convex.Min());
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(0.3)]
    public void Training_ends_where_the_curvature_is_two_over_the_rate(double rate)
    {
        // Cohen et al. 2021: it hovers there. A quarter either way, set before it was run.
        var curve = Descent.Sharpness(rate, time: 60, measurements: 6);
        Assert.InRange(curve.TakeLast(3).Average(point => point.Sharpness) * rate, 1.5, 2.5);
    }
}
