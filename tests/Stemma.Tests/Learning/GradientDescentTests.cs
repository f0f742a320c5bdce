using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Learning;

/// <summary>What theory says of gradient descent, and what a tiny net must learn.</summary>
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

    [Fact]
    public void A_two_layer_net_learns_the_sign_of_a_product()
    {
        // The tutorial's toy: 2-D points, label x·y > 0, a 2-16-2 net, Adam at 1e-2, 100 epochs; at least 95% right.
        const int Points = 256;
        var random = new RandomStream(1);
        var inputs = new float[2 * Points];
        var labels = new int[Points];
        for (var i = 0; i < Points; i++)
        {
            (inputs[2 * i], inputs[2 * i + 1]) = ((float)random.Normal((ulong)(2 * i)), (float)random.Normal((ulong)(2 * i + 1)));
            labels[i] = inputs[2 * i] * inputs[2 * i + 1] > 0 ? 1 : 0;
        }
        var (x, y) = (Tensor.From(inputs, [Points, 2]), Tensor.From(labels, [Points]));
        var weights = new Weights(new InitialWeights(2), Device.Cpu);
        var hidden = weights.Linear("hidden", 2, 16, new Initializer.Normal(0.7));
        var output = weights.Linear("output", 16, 2, new Initializer.Normal(0.25));
        var optimizer = new AdamConfig().Build(weights.All);
        var losses = new List<double>();
        for (var epoch = 0; epoch < 100; epoch++)
        {
            for (var start = 0; start < Points; start += 32)
            {
                using var tape = Tape.Start();
                var loss = output.Forward(hidden.Forward(x.Slice(0, start, 32)).Relu()).CrossEntropy(y.Slice(0, start, 32));
                losses.Add(loss.ToScalar());
                optimizer.Step(tape.Backward(loss), 1e-2);
            }
        }
        var logits = output.Forward(hidden.Forward(x).Relu()).ToArray<float>();
        var right = Enumerable.Range(0, Points).Count(i => logits[2 * i + 1] > logits[2 * i] == (labels[i] == 1));
        Assert.True(right >= 0.95 * Points, $"{right} of {Points}");
        Assert.True(losses.TakeLast(8).Average() < 0.25 * losses.Take(8).Average());
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
