using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Learning;

/// <summary>What theory says of gradient descent.</summary>
public sealed class GradientDescentTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.15)]
    public void A_quadratic_converges_at_the_rate_of_theory(double learningRate)
    {
        // f = ½(x₁² + 10·x₂²): each coordinate shrinks by |1 − η·λ| a step.
        var x = Descend(learningRate, steps: 20);
        Assert.Equal(Math.Pow(1 - learningRate * 1, 20), x[0], 1e-4);
        Assert.Equal(Math.Pow(1 - learningRate * 10, 20), x[1], 1e-4);
    }

    [Fact]
    public void A_rate_above_two_over_the_curvature_diverges()
    {
        Assert.True(Math.Abs(Descend(0.199, 100)[1]) < 1);
        Assert.True(Math.Abs(Descend(0.201, 100)[1]) > 1);
    }

    [Fact]
    public void The_gradients_of_minibatches_average_to_that_of_the_whole()
    {
        var (w, x, y) = Regression();
        float[] Gradient(int start, int count)
        {
            using var tape = Tape.Start();
            var error = x.Slice(0, start, count).MatMul(w) - y.Slice(0, start, count);
            return tape.Backward(error.Square().Mean())[w].ToArray<float>();
        }
        var whole = Gradient(0, 12);
        var parts = Enumerable.Range(0, 4).Select(i => Gradient(3 * i, 3)).ToArray();
        for (var i = 0; i < whole.Length; i++) Assert.Equal(whole[i], parts.Average(part => part[i]), 1e-4f);
    }

    private static double[] Descend(double learningRate, int steps)
    {
        var weights = new Weights(new InitialWeights(1), Device.Reference);
        var x = weights.Tensor("x", [2], new Initializer.Constant(1));
        var curvature = Tensor.From<float>([1, 10], [2], Device.Reference);
        var optimizer = new SgdConfig().Build(weights.All);
        for (var i = 0; i < steps; i++)
        {
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward((x.Value.Square() * curvature).Sum() * 0.5), learningRate);
        }
        return [.. x.Value.ToArray<float>().Select(value => (double)value)];
    }

    private static (Tensor W, Tensor X, Tensor Y) Regression()
    {
        var random = new RandomStream(4);
        float[] Draw(int count, ulong from) => [.. Enumerable.Range(0, count).Select(i => (float)random.Normal(from + (ulong)i))];
        return (Tensor.From(Draw(3, 0), [3, 1]).WithGradient(), Tensor.From(Draw(36, 100), [12, 3]), Tensor.From(Draw(12, 200), [12, 1]));
    }
}
