using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>The engine of lab 00 against the tensor engine.</summary>
public sealed class ScalarAutogradTests
{
    public static TheoryData<int> Operations => [.. Enumerable.Range(0, Pairs.Length)];

    private static readonly (Func<Value, Value, Value> Scalar, Func<Tensor, Tensor, Tensor> Tensor)[] Pairs =
    [
        ((a, b) => a + b, (a, b) => a + b),
        ((a, b) => a - b, (a, b) => a - b),
        ((a, b) => a * b, (a, b) => a * b),
        ((a, b) => a / b, (a, b) => a / b),
        ((a, b) => a.Exp() * b, (a, b) => a.Exp() * b),
        ((a, b) => (a * a).Log() + b.Pow(3), (a, b) => a.Square().Log() + b * b * b),
        ((a, b) => a.Tanh() * b.Relu() + a.Relu(), (a, b) => a.Tanh() * b.Relu() + a.Relu()),
        ((a, b) => ((a + b) * (a + b)).Tanh() / (a * b + 3), (a, b) => (a + b).Square().Tanh() / (a * b + 3)),
    ];

    [Theory, MemberData(nameof(Operations))]
    public void Values_and_gradients_equal_the_tensor_engines(int operation)
    {
        foreach (var (x, y) in ((double, double)[])[(0.7, -1.3), (-0.4, 0.9), (2.1, 0.3)])
        {
            Value a = x, b = y;
            var scalar = Pairs[operation].Scalar(a, b);
            scalar.Backward();
            using var tape = Tape.Start();
            Tensor ta = Tensor.Scalar(x).WithGradient(), tb = Tensor.Scalar(y).WithGradient();
            var tensor = Pairs[operation].Tensor(ta, tb);
            var gradients = tape.Backward(tensor);
            Assert.Equal(tensor.ToScalar(), scalar.Data, 1e-12);
            Assert.Equal(gradients[ta].ToScalar(), a.Gradient, 1e-12);
            Assert.Equal(gradients[tb].ToScalar(), b.Gradient, 1e-12);
        }
    }

    [Fact]
    public void The_net_learns_and_all_its_gradients_equal_the_tensor_engines()
    {
        var (points, labels) = Moons.Draw(new(5), 30);
        var net = new Net(new(6), 2, 16, 2);
        var losses = new List<double>();
        for (var step = 0; step < 60; step++)
        {
            var loss = net.Loss(points, labels);
            losses.Add(loss.Data);
            foreach (var weight in net.Weights) weight.Gradient = 0;
            loss.Backward();
            Assert.InRange(Comparison.LargestDifference(net, points, labels), 0, 1e-12);
            foreach (var weight in net.Weights) weight.Data -= 0.5 * weight.Gradient;
        }
        Assert.True(losses[^1] < 0.6 * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
    }
}
