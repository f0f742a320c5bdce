using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Positions;

public sealed class PositionBiasTests
{
    [Fact]
    public void Slopes_are_the_papers()
    {
        Assert.Equal([.. Enumerable.Range(1, 8).Select(i => Math.Pow(2, -i))], Alibi.PowersOfTwo(8));
        // The paper's 16 heads begin at 2^(−0.5); twelve heads are the eight of 8 and every other one of 16.
        Assert.Equal(Math.Pow(2, -0.5), Alibi.PowersOfTwo(16)[0], 1e-15);
        Assert.Equal([.. Alibi.PowersOfTwo(8), .. Alibi.PowersOfTwo(16).Where((_, i) => i % 2 == 0).Take(4)], Alibi.PowersOfTwo(12));
        Assert.Equal(Alibi.PowersOfTwo(8), Alibi.Interleaved(8, 8));
        Assert.Equal([1.0 / 16, 1.0 / 256, 1.0 / 4], Alibi.Interleaved(3, 8));
        Assert.Equal([1.0 / 256, 1.0 / 65536], Alibi.Interleaved(2, 16));
    }

    [Theory]
    // From the original: relative positions (key − query) −200 … 200 of 32 buckets up to distance 128.
    [InlineData(0, true, 0), InlineData(1, true, 1), InlineData(7, true, 7), InlineData(8, true, 8), InlineData(11, true, 8), InlineData(12, true, 9), InlineData(90, true, 14), InlineData(91, true, 15), InlineData(500, true, 15)]
    [InlineData(-1, true, 17), InlineData(-8, true, 24), InlineData(-200, true, 31)]
    [InlineData(0, false, 0), InlineData(-5, false, 0), InlineData(15, false, 15), InlineData(16, false, 16), InlineData(18, false, 16), InlineData(19, false, 17), InlineData(113, false, 31), InlineData(200, false, 31)]
    public void Buckets_are_the_originals(int distance, bool bidirectional, int bucket) => Assert.Equal(bucket, BucketBias.Bucket(distance, 32, 128, bidirectional));

    [Fact]
    public void Buckets_learn_what_attention_asks_of_them()
    {
        var weights = new Weights(new InitialWeights(3), Device.Cpu);
        var bias = new BucketBias(weights.Tensor("relative_attention_bias.weight", [6, 2], new Initializer.Normal(1)), 5, bidirectional: true);
        var (q, k, v) = (Random(1), Random(2), Random(3));
        using var tape = Tape.Start();
        var layout = SequenceLayout.Packed(5, 4);
        var y = TensorOps.Attention(q, k, v, layout, AttentionWindow.Full, scores: new() { Bias = bias.Forward(5, Device.Cpu) });
        var gradient = tape.Backward(y.Square().Sum())[bias.Table].ToArray<float>();
        // What shifts all scores of a row alike changes nothing: each head's gradients sum to nothing.
        for (var head = 0; head < 2; head++) Assert.Equal(0, gradient.Where((_, i) => i % 2 == head).Sum(), 1e-4);
        Assert.Contains(gradient, x => Math.Abs(x) > 1e-3);

        static Tensor Random(int seed) => Tensor.From([.. Enumerable.Range(0, 9 * 2 * 4).Select(i => (float)new RandomStream((ulong)seed).Normal((ulong)i))], [9, 2, 4], Device.Cpu);
    }

    [Fact]
    public void Far_keys_weigh_less_with_a_slope()
    {
        var zeros = Tensor.Zeros([6, 2, 4], DType.Float32, Device.Cpu);
        var values = Tensor.From([.. Enumerable.Range(0, 6 * 2 * 4).Select(i => i / 8 == 0 ? 1f : 0f)], [6, 2, 4], Device.Cpu);
        var slopes = Alibi.PowersOfTwo(2);
        var y = TensorOps.Attention(zeros, zeros, values, SequenceLayout.Packed(6), AttentionWindow.Causal, scores: new() { Bias = new Alibi(slopes).Forward(6, Device.Cpu) }).ToArray<float>();
        for (var row = 0; row < 6; row++)
        {
            for (var head = 0; head < 2; head++)
            {
                var weights = Enumerable.Range(0, row + 1).Select(key => Math.Exp(-slopes[head] * (row - key))).ToArray();
                Assert.Equal(weights[0] / weights.Sum(), y[(row * 2 + head) * 4], 1e-6);
            }
        }
    }
}
