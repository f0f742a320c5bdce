using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>The fused feed-forward layer has the bits of the operations it is made of, gradients too, in both precisions.</summary>
public sealed class FeedForwardTests
{
    private static readonly RandomStream s_random = new(17);
    private static readonly Device[] s_devices = [Device.CreateCpu(2), Device.CreateCpu(2, ComputePrecision.BFloat16)];

    [Theory]
    [InlineData(1, 24, 64, 0)]
    [InlineData(7, 13, 29, 0.2)]
    [InlineData(90, 32, 67, 0)]
    [InlineData(131, 48, 100, 0.2)]
    [InlineData(2200, 3, 1024, 0)]    // large enough to be given up at the end of the scope, and made again
    public void Feed_forward_has_the_bits_of_its_parts(int rows, int size, int inner, double probability)
    {
        foreach (var activation in new[] { Activation.Gelu, Activation.GeluTanh, Activation.Relu, Activation.Silu })
        {
            foreach (var device in s_devices)
            {
                Tensor[] inputs =
                [
                    Values(1, device, rows, size), Values(2, device, rows, size), Values(3, device, inner, size), Values(4, device, inner), Values(5, device, size, inner), Values(6, device, size),
                ];
                var stored = device.ActivationType;
                SameBits(inputs,
                    x => x[0].AddDropout(activation.Apply(x[1].Linear(x[2], x[3], stored)).Linear(x[4], x[5], stored), probability, s_random),
                    x => x[0].AddFeedForward(x[1], x[2], x[3], activation, x[4], x[5], probability, s_random));
                SameBits(inputs[..4],
                    x => x[0].AddDropout(x[1].Linear(x[2], x[3], stored).Linear(Values(5, device, size, inner), null, stored), probability, s_random),
                    x => x[0].AddLinear(x[1].Linear(x[2], x[3], stored), Values(5, device, size, inner), null, probability, s_random));
            }
        }
    }

    [Fact]
    public void Without_gradients_many_rows_go_by_chunks_and_keep_their_bits()
    {
        const int Rows = 1100, Size = 5, Inner = 2048;
        foreach (var device in s_devices)
        {
            var (x, expand, bias, contract) = (Values(1, device, Rows, Size), Values(2, device, Inner, Size), Values(3, device, Inner), Values(4, device, Size, Inner));
            using var tape = Tape.Start();
            using (var watch = Memory.Watch())
            {
                var y = x.AddFeedForward(x, expand.Detach(), bias.Detach(), Activation.GeluTanh, contract.Detach());
                Assert.InRange(watch.PeakBytes, 1, Rows * Inner * sizeof(float) * 3 / 4);    // the hidden layer of all rows never was
                var recorded = x.AddFeedForward(x, expand.Detach().WithGradient(), bias, Activation.GeluTanh, contract);
                Assert.Equal(recorded.ToArray<float>(), y.ToArray<float>());
            }
        }
    }

    /// <summary>The gradient of a norm is added to what the residual stream has so far.</summary>
    [Fact]
    public void A_norm_beside_a_residual_has_the_bits_of_both_paths_added()
    {
        foreach (var device in s_devices)
        {
            foreach (var norm in new Func<Tensor, Tensor, Tensor>[] { (x, weight) => x.LayerNorm(weight, null, output: device.ActivationType), (x, weight) => x.RmsNorm(weight, output: device.ActivationType) })
            {
                Tensor[] inputs = [Values(1, device, 37, 24), Values(1, device, 37, 24), Values(2, device, 24), Values(3, device, 24, 24)];
                var apart = Evaluate(inputs, x => x[0].AddLinear(norm(x[1], x[2]), x[3]));
                var together = Evaluate(inputs, x => x[0].AddLinear(norm(x[0], x[2]), x[3]));
                Assert.Equal(apart[0], together[0]);
                Assert.Equal(apart[1].Zip(apart[2], (a, b) => a + b), together[1]);
                Assert.Equal(apart[3..], together[3..]);
            }
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Tensor x = Tensor.Zeros([3, 4]), weight = Tensor.Zeros([5, 4]), back = Tensor.Zeros([4, 5]);
        Assert.Throws<ArgumentException>(() => x.AddLinear(x, weight));
        Assert.Throws<ArgumentException>(() => x.AddFeedForward(x, weight, null, Activation.Relu, weight));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([2, 4]).AddFeedForward(x, weight, null, Activation.Relu, back));
        Assert.Throws<ArgumentException>(() => x.Cast(DType.Float64).AddFeedForward(x, weight, null, Activation.Relu, back));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.AddFeedForward(x, weight, null, Activation.Relu, back, null, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([3, 5]).AddLinear(x, weight, null, -0.1));
    }

    private static void SameBits(Tensor[] inputs, Func<Tensor[], Tensor> parts, Func<Tensor[], Tensor> fused)
    {
        var (expected, actual) = (Evaluate(inputs, parts), Evaluate(inputs, fused));
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i]);
        Assert.Equal(expected[0], fused(inputs).ToArray<float>()); // and where nothing is recorded
    }

    private static float[][] Evaluate(Tensor[] inputs, Func<Tensor[], Tensor> run)
    {
        using var tape = Tape.Start();
        Tensor[] x = [.. inputs.Select(input => input.Detach().WithGradient())];
        Tensor y;
        using (var scope = Memory.Scope()) y = scope.Keep(run(x));
        var value = y.ToArray<float>();
        var gradients = tape.Backward((y * y).Sum());
        return [value, .. x.Select(input => gradients.TryGet(input, out var gradient) ? gradient.ToArray<float>() : [])];
    }

    private static Tensor Values(ulong stream, Device device, params int[] sizes)
    {
        var shape = Shape.Create(sizes);
        return Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)s_random.Fork(stream).Normal((ulong)i) * 0.3f)], shape, device);
    }
}
