using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>The gradient of lab 04, written by hand, is the gradient.</summary>
public sealed class BackpropagationByHandTests
{
    [Fact]
    public void By_hand_by_tape_and_by_differences_the_gradient_is_one()
    {
        var (points, labels) = HandMadeNet.Quadrants(30, new RandomStream(1));
        var net = new HandMadeNet(2, 16, 2, new RandomStream(2));
        var byHand = net.Gradient(points, labels);
        Assert.All(byHand.Zip(net.GradientByTape(points, labels)), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        Assert.All(byHand.Zip(net.GradientByDifferences(points, labels, 1e-5)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void The_net_learns_by_it()
    {
        var (points, labels) = HandMadeNet.Quadrants(200, new RandomStream(3));
        var net = new HandMadeNet(2, 16, 2, new RandomStream(4));
        for (var step = 0; step < 400; step++) net.Step(net.Gradient(points, labels), 1.0);
        Assert.True(net.Accuracy(points, labels) >= 0.95);
    }
}
