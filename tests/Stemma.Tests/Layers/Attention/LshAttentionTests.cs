using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Attention;

public sealed class LshAttentionTests
{
    private const int Length = 200, Heads = 2, Size = 8;

    [Fact]
    public void One_bucket_and_as_many_neighbours_as_rows_is_full_attention()
    {
        var (q, v) = (Normal(1), Normal(2));
        var layout = SequenceLayout.Packed(120, 80);
        var k = q / q.Square().Sum(-1, keepAxis: true).Sqrt();
        foreach (var causal in new[] { true, false })
        {
            var penalty = new ScoreDescription { Bias = new(Tensor.From([0f, -50, 0, 0, -50, 0], [2, 3]), -1) };
            var expected = TensorOps.Attention(q, k, v, layout, causal ? AttentionWindow.Causal : AttentionWindow.Full, scores: penalty);
            foreach (var rounds in new[] { 1, 3 })
            {
                var actual = new LshAttention(1, rounds, Length, causal, new RandomStream(5)).Attend(0, q, q, v, new(layout));
                Golden.Close([.. expected.ToArray<float>().Select(x => (double)x)], actual.ToArray<float>(), 2e-5);
            }
        }
    }

    [Fact]
    public void More_rounds_come_nearer_to_full_attention()
    {
        var (q, v) = (Normal(1) * 4, Normal(2));
        var layout = SequenceLayout.Batch(1, Length);
        Tensor Run(int buckets, int rounds) => new LshAttention(buckets, rounds, Length, true, new RandomStream(5)).Attend(0, q, q, v, new(layout));
        var full = Run(1, 1);
        var errors = new[] { 1, 4, 16 }.Select(rounds => (Run(8, rounds) - full).Square().Mean().ToScalar()).ToArray();
        Assert.True(errors[1] < errors[0] && errors[2] < errors[1], string.Join(", ", errors));
    }

    private static Tensor Normal(ulong stream)
    {
        var random = new RandomStream(7, stream);
        var values = new float[Length * Heads * Size];
        for (var i = 0; i < values.Length; i++) values[i] = (float)random.Normal((ulong)i);
        return Tensor.From(values, [Length, Heads, Size]);
    }
}
