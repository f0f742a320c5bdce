using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>An output row depends on its own inputs alone, to the bit: not on the rows around it, nor on what comes later.</summary>
public sealed class RowTests
{
    private const int Rows = 21, Size = 67;

    private static readonly Dictionary<string, Func<Tensor, int, Tensor>> s_functions = new()
    {
        ["softmax"] = (x, _) => x.Softmax(),
        ["log-softmax"] = (x, _) => x.LogSoftmax(),
        ["log-sum-exp"] = (x, _) => x.LogSumExp(),
        ["layer norm"] = (x, _) => x.LayerNorm(Row(1, Size), Row(2, Size)),
        ["RMS norm"] = (x, _) => x.RmsNorm(Row(1, Size)),
        ["linear"] = (x, _) => x.Linear(Row(3, 41 * Size).Reshape(41, Size), Row(4, 41)),
        ["linear beside a residual"] = (x, _) => (x * 2).AddLinear(x, Row(3, Size * Size).Reshape(Size, Size), Row(4, Size)),
        ["feed-forward"] = (x, _) => x.AddFeedForward(x, Row(3, 41 * Size).Reshape(41, Size), Row(4, 41), Activation.Gelu, Row(5, Size * 41).Reshape(Size, 41)),
        ["product"] = (x, _) => x.MatMul(Row(3, 41 * Size).Reshape(Size, 41)),
        ["sum"] = (x, _) => x.Sum(-1),
        ["maximum"] = (x, _) => x.Max(-1),
        ["cross-entropy"] = (x, first) => x.CrossEntropyRows(Targets(first, x.Shape[0]), 0.1),
        ["linear cross-entropy"] = (x, first) => x.LinearCrossEntropy(Row(3, 41 * Size).Reshape(41, Size), Targets(first, x.Shape[0]), divisor: 3).BroadcastTo([x.Shape[0]]),
        ["GELU"] = (x, _) => x.Gelu(),
        ["tanh GELU"] = (x, _) => x.GeluTanh(),
        ["SiLU"] = (x, _) => x.Silu(),
        ["logarithm"] = (x, _) => x.Abs().Log(),
        ["sum of rows"] = (x, _) => x + Row(1, Size),
        ["product of rows"] = (x, _) => x * Row(1, Size),
    };

    public static TheoryData<string> Functions => [.. s_functions.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_row_alone_has_the_bits_it_has_in_a_batch(string name)
    {
        var x = new Input([Rows, Size], Layout.Contiguous, -3, 3).Base(new RandomStream(21)).Cast(DType.Float32).To(Device.Cpu);
        var (whole, wholeGradient) = Evaluate(x, 0);
        var width = whole.Length / Rows;
        foreach (var (first, count) in new[] { (0, 1), (5, 1), (20, 1), (3, 4), (2, 17) })
        {
            var (part, gradient) = Evaluate(x.Slice(0, first, count).Contiguous().Detach(), first);
            if (name != "linear cross-entropy") Assert.Equal(whole.AsSpan(first * width, count * width).ToArray(), part);
            Assert.Equal(wholeGradient.AsSpan(first * Size, count * Size).ToArray(), gradient);
        }

        (float[] Value, float[] Gradient) Evaluate(Tensor rows, int first)
        {
            using var tape = Tape.Start();
            rows = rows.Detach().WithGradient();
            var y = s_functions[name](rows, first);
            var value = y.ToArray<float>();
            return (value, tape.Backward(name == "linear cross-entropy" ? y.Slice(0, 0, 1).Sum() : (y * y).Sum())[rows].ToArray<float>());
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Rows_that_begin_anywhere_in_memory_have_the_bits_of_an_aligned_copy(string name)
    {
        var buffer = new Input([Rows * Size + 16], Layout.Contiguous, -3, 3).Base(new RandomStream(22)).Cast(DType.Float32).To(Device.Cpu);
        foreach (var first in new[] { 1, 2, 3, 7, 13 })
        {
            var view = buffer.Slice(0, first, Rows * Size).Reshape(Rows, Size);
            var copy = Tensor.From(view.ToArray<float>(), [Rows, Size], Device.Cpu);
            Assert.Equal(s_functions[name](copy, 0).ToArray<float>(), s_functions[name](view, 0).ToArray<float>());
        }
    }

    [Theory]
    [InlineData(int.MaxValue, 0)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(7, 0)]
    public void Attention_of_a_sequence_alone_has_the_bits_it_has_in_a_batch(int left, int right)
    {
        int[] lengths = [5, 70, 1, 19];
        var window = new AttentionWindow(left, right);
        var (q, k, v) = (Row(5, 95 * 4 * 9).Reshape(95, 4, 9), Row(6, 95 * 2 * 9).Reshape(95, 2, 9), Row(7, 95 * 2 * 9).Reshape(95, 2, 9));
        var whole = Evaluate(0, 95, SequenceLayout.Packed(lengths));
        for (int i = 0, start = 0; i < lengths.Length; start += lengths[i++])
        {
            var alone = Evaluate(start, lengths[i], SequenceLayout.Packed(lengths[i]));
            for (var part = 0; part < 4; part++)
            {
                var width = whole[part].Length / 95;
                Assert.Equal(whole[part].AsSpan(start * width, lengths[i] * width).ToArray(), alone[part]);
            }
        }

        float[][] Evaluate(int start, int count, SequenceLayout layout)
        {
            using var tape = Tape.Start();
            Tensor[] inputs = [.. new[] { q, k, v }.Select(x => x.Slice(0, start, count).Contiguous().Detach().WithGradient())];
            var y = TensorOps.Attention(inputs[0], inputs[1], inputs[2], layout, window);
            var value = y.ToArray<float>();
            var gradients = tape.Backward((y * y).Sum());
            return [value, .. inputs.Select(x => gradients[x].ToArray<float>())];
        }
    }

    [Fact]
    public void Attention_in_one_tensor_has_the_bits_of_attention_in_three()
    {
        var (layout, random) = (SequenceLayout.Packed(70, 1, 25), new RandomStream(4));
        var together = Evaluate(x => TensorOps.SelfAttention(x, layout, AttentionWindow.Causal, 0.3, 0.2, random));
        var apart = Evaluate(x => TensorOps.Attention(x.Select(1, 0), x.Select(1, 1), x.Select(1, 2), layout, AttentionWindow.Causal, 0.3, 0.2, random));
        Assert.Equal(apart.Value, together.Value);
        Assert.Equal(apart.Gradient, together.Gradient);

        static (float[] Value, float[] Gradient) Evaluate(Func<Tensor, Tensor> attend)
        {
            using var tape = Tape.Start();
            var x = Row(8, 96 * 3 * 4 * 9).Reshape(96, 3, 4, 9).Detach().WithGradient();
            var y = attend(x);
            var value = y.ToArray<float>();
            return (value, tape.Backward((y * y).Sum())[x].ToArray<float>());
        }
    }

    [Fact]
    public void Causal_attention_cannot_see_the_future_to_the_bit()
    {
        var (q, k, v) = (Row(5, 80 * 9).Reshape(80, 1, 9), Row(6, 80 * 9).Reshape(80, 1, 9), Row(7, 80 * 9).Reshape(80, 1, 9));
        var before = TensorOps.Attention(q, k, v, SequenceLayout.Batch(1, 80), AttentionWindow.Causal).ToArray<float>();
        foreach (var x in new[] { q, k, v }) x.Span<float>()[(50 * 9)..].Fill(1e4f);
        var after = TensorOps.Attention(q, k, v, SequenceLayout.Batch(1, 80), AttentionWindow.Causal).ToArray<float>();
        Assert.Equal(before.AsSpan(0, 50 * 9), after.AsSpan(0, 50 * 9));
    }

    [Fact]
    public void Attention_step_by_step_equals_attention_at_once()
    {
        var (q, k, v) = (Row(5, 40 * 18).Reshape(40, 2, 9), Row(6, 40 * 9).Reshape(40, 1, 9), Row(7, 40 * 9).Reshape(40, 1, 9));
        foreach (var window in new[] { AttentionWindow.Causal, AttentionWindow.Sliding(5) })
        {
            var whole = TensorOps.Attention(q, k, v, SequenceLayout.Batch(1, 40), window).Cast(DType.Float64).ToArray<double>();
            for (var i = 0; i < 40; i++)
            {
                var step = TensorOps.Attention(q.Slice(0, i, 1), k.Slice(0, 0, i + 1), v.Slice(0, 0, i + 1), SequenceLayout.Continued(1, i + 1), window);
                Close.Check(step.Cast(DType.Float64).ToArray<double>(), whole.AsSpan(i * 18, 18), 1e-6, $"row {i}");
            }
        }
    }

    private static Tensor Row(ulong stream, int count) =>
        new Input([count], Layout.Contiguous, -1, 1).Base(new RandomStream(22, stream)).Cast(DType.Float32).To(Device.Cpu);

    private static Tensor Targets(int first, int count) => Tensor.From([.. Enumerable.Range(first, count).Select(i => i % 6 == 5 ? TensorOps.IgnoreIndex : i * 13 % 41)], [count]);
}
