using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

public sealed class SoftmaxTests
{
    public static TheoryData<string> Devices => ["cpu", "reference"];

    [Theory]
    [MemberData(nameof(Devices))]
    public void Probabilities_sum_to_one_and_a_shift_changes_nothing(string device)
    {
        var x = Logits(device, 23, 97);
        var p = x.Softmax();
        Assert.All(p.Sum(-1).ToArray<float>(), sum => Assert.Equal(1, sum, 1e-6f));
        Close.Check(Doubles((x + 32).Softmax()), Doubles(p), 1e-5, "shifted softmax");
        Close.Check(Doubles((x + 32).LogSoftmax()), Doubles(x.LogSoftmax()), 1e-6, "shifted log-softmax");
        Close.Check(Doubles(x.LogSoftmax().Exp()), Doubles(p), 1e-6, "exponential of the log-softmax");
        Close.Check(Doubles((x - 32).LogSumExp() + 32), Doubles(x.LogSumExp()), 1e-6, "shifted log-sum-exp");
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Entropy_grows_with_temperature_from_none_to_the_logarithm_of_the_vocabulary(string device)
    {
        var x = Logits(device, 5, 50);
        var last = new float[5];
        foreach (var temperature in new[] { 0.01, 0.1, 0.3, 0.7, 1, 1.5, 4, 20, 1e4 })
        {
            var (p, logP) = ((x / temperature).Softmax(), (x / temperature).LogSoftmax());
            var entropy = (-(p * logP).Sum(-1)).ToArray<float>();
            for (var i = 0; i < entropy.Length; i++) Assert.InRange(entropy[i], last[i] - 1e-5f, Math.Log(50) + 1e-5);
            last = entropy;
        }
        Assert.All(last, value => Assert.Equal(Math.Log(50), value, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Extreme_logits_are_stable(string device)
    {
        var x = Tensor.From([1e4f, -1e4f, 0f, 9999f, -1e4f, -1e4f, -1e4f, -9999f], [2, 4], On(device)).WithGradient();
        var targets = Tensor.From([1, 0], [2], On(device));
        using var tape = Tape.Start();
        var e = Math.E;
        Close.Check(Doubles(x.Softmax()), [e / (e + 1), 0, 0, 1 / (e + 1), 1 / (3 + e), 1 / (3 + e), 1 / (3 + e), e / (3 + e)], 1e-6, "softmax");
        var losses = x.CrossEntropyRows(targets);
        Close.Check(Doubles(losses), [20000 + Math.Log(1 + 1 / e), Math.Log(3 + e)], 1e-6, "loss");
        var loss = x.CrossEntropy(targets);
        Assert.All(tape.Backward(loss)[x].ToArray<float>(), gradient => Assert.InRange(gradient, -0.5f, 0.5f));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_masked_logit_has_no_probability_and_costs_nothing(string device)
    {
        var x = Tensor.From([1f, float.NegativeInfinity, 2f], [1, 3], On(device)).WithGradient();
        using var tape = Tape.Start();
        var e = Math.E;
        Close.Check(Doubles(x.Softmax()), [1 / (1 + e), 0, e / (1 + e)], 1e-6, "softmax");
        var loss = x.CrossEntropy(Tensor.From([0], [1], On(device)));
        Assert.Equal(Math.Log(1 + e), loss.ToScalar(), 1e-6);
        Close.Check(Doubles(tape.Backward(loss)[x]), [-e / (1 + e), 0, e / (1 + e)], 1e-6, "gradient");
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Cross_entropy_is_entropy_plus_divergence(string device)
    {
        var (x, y) = (Logits(device, 7, 31), Logits(device, 7, 31) * -0.7 + 1);
        var (p, logP, logQ) = (x.Softmax(), x.LogSoftmax(), y.LogSoftmax());
        var crossEntropy = -(p * logQ).Sum(-1);
        var entropy = -(p * logP).Sum(-1);
        var divergence = (p * (logP - logQ)).Sum(-1);
        Close.Check(Doubles(entropy + divergence), Doubles(crossEntropy), 1e-6, "sum");
        Assert.All(divergence.ToArray<float>(), value => Assert.True(value >= 0));
        // With the whole mass on one token the cross-entropy is the loss.
        int[] targets = [3, 0, 30, 7, 7, 1, 2];
        var expected = targets.Select((target, row) => -(double)logQ.ToArray<float>()[row * 31 + target]).ToArray();
        Close.Check(Doubles(y.CrossEntropyRows(Tensor.From(targets, [7], On(device)))), expected, 1e-6, "loss");
        Assert.Equal(expected.Average(), y.CrossEntropy(Tensor.From(targets, [7], On(device))).ToScalar(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Untrained_logits_cost_the_logarithm_of_the_vocabulary(string device)
    {
        var loss = Tensor.Zeros([3, 1000], device: On(device)).CrossEntropy(Tensor.From([5, 999, 0], [3], On(device)), labelSmoothing: 0.1);
        Assert.Equal(Math.Log(1000), loss.ToScalar(), 1e-5);
    }

    private static Device On(string name) => name == "cpu" ? Device.Cpu : Device.Reference;

    private static Tensor Logits(string device, int rows, int vocab) =>
        new Input([rows, vocab], Layout.Contiguous, -6, 6).Base(new RandomStream(51)).Cast(DType.Float32).To(On(device));

    private static double[] Doubles(Tensor x) => x.Detach().Cast(DType.Float64).ToArray<double>();
}
