using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

[Collection(Alone.Name)]
public sealed class CheckpointingTests
{
    private const int Rows = 17_000, Size = 64;
    private static readonly RandomStream s_random = new(3);

    [Fact]
    public void Gradients_are_those_of_the_plain_call_bit_for_bit()
    {
        var (x, weights) = Problem();
        var plain = Gradients(x, weights, checkpoint: false, out var plainPeak);
        var recomputed = Gradients(x, weights, checkpoint: true, out var peak);
        for (var i = 0; i < plain.Length; i++) Assert.Equal(plain[i], recomputed[i]);
        Assert.True(peak < 0.7 * plainPeak, $"peak {peak} with checkpoints, {plainPeak} without");
    }

    [Fact]
    public void What_does_not_require_a_gradient_gets_none()
    {
        var weight = Tensor.Full([4, 4], 0.5).WithGradient();
        using var tape = Tape.Start();
        var y = Checkpointing.Run(x => x.Linear(weight).GeluTanh(), Tensor.Full([3, 4], 0.2), [weight]);
        var gradients = tape.Backward(y.Sum());
        Assert.Equal([4, 4], gradients[weight].Shape);
        Assert.Single(gradients);
    }

    [Fact]
    public void Gradients_of_gradients_need_no_checkpoint()
    {
        var w = Tensor.Full([1], 3, DType.Float64, Device.Reference).WithGradient();
        using var tape = Tape.Start(higherOrder: true);
        var first = tape.Backward(Checkpointing.Run(x => x * x * x, w, []).Sum())[w];
        Assert.Equal(18, tape.Backward(first.Sum())[w].ToScalar(), 1e-12);
    }

    [Fact]
    public void A_scope_gives_up_what_is_cheap_to_compute_again()
    {
        var (x, weights) = Problem();
        var kept = Gradients(x, weights, checkpoint: false, out var keptPeak, scopes: false);
        var evicted = Gradients(x, weights, checkpoint: false, out var peak);
        for (var i = 0; i < kept.Length; i++) Assert.Equal(kept[i], evicted[i]);
        Assert.True(peak < 0.8 * keptPeak, $"peak {peak} with scopes, {keptPeak} without");
    }

    private static (Tensor X, Tensor[] Weights) Problem()
    {
        var weights = Enumerable.Range(0, 4).Select(i => Normal([Size, Size], 0.1, (ulong)i).WithGradient()).ToArray();
        return (Normal([Rows, Size], 1, 9).WithGradient(), weights);
    }

    private static Tensor Normal(Shape shape, double deviation, ulong stream)
    {
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(deviation * s_random.Fork(stream).Normal((ulong)i));
        return Tensor.From(values, shape);
    }

    private static float[][] Gradients(Tensor x, Tensor[] weights, bool checkpoint, out long peak, bool scopes = true)
    {
        Tensor Block(Tensor h, int i)
        {
            var scope = scopes ? Memory.Scope() : null;
            var y = h.AddDropout(h.RmsNorm(Tensor.Full([Size], 1)).Linear(weights[i]).GeluTanh().Linear(weights[i + 1]), 0.1, new RandomStream((ulong)i));
            scope?.Keep(y);
            scope?.Dispose();
            return y;
        }

        using var tape = Tape.Start();
        peak = Memory.UsedBytes;
        var h = x;
        for (var i = 0; i < weights.Length; i += 2)
        {
            var block = i;
            h = checkpoint ? Checkpointing.Run(y => Block(y, block), h, weights[i..(i + 2)]) : Block(h, block);
        }
        peak = Memory.UsedBytes - peak;
        var gradients = tape.Backward(h.Square().Mean());
        return [gradients[x].ToArray<float>(), .. weights.Select(w => gradients[w].ToArray<float>())];
    }
}
