using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Models.Gpt2;

public sealed class Gpt2PropertyTests
{
    private static readonly Gpt2Config s_config = new() { VocabSize = 5, LayerCount = 2, HeadCount = 2, HiddenSize = 16, ContextLength = 8, InitializerRange = 0.4 };

    private static Gpt2Model Model(Gpt2Config? config = null) => new(config ?? s_config, new Weights(new InitialWeights(3), Device.Cpu));

    [Fact]
    public void The_probabilities_of_all_strings_of_a_length_sum_to_one()
    {
        // The chain rule: Σ p(x₂ | x₁) p(x₃ | x₁x₂) p(x₄ | x₁x₂x₃) over all 5³ continuations of one token.
        var model = Model();
        var total = 0.0;
        var scores = new double[3];
        for (var code = 0; code < 125; code++)
        {
            using var state = model.Start();
            model.Advance([new(state, new[] { 2 }, Wanted.None)], []);
            model.Score(state, [code / 25, code / 5 % 5, code % 5], scores);
            total += Math.Exp(scores.Sum());
        }
        Assert.Equal(1, total, 1e-5);
    }

    [Fact]
    public void Scores_extend_the_state_and_are_those_of_the_logits()
    {
        var model = Model();
        using var state = model.Start();
        model.Advance([new(state, new[] { 1, 4 }, Wanted.None)], []);
        var scores = new double[3];
        model.Score(state, [0, 3, 2], scores);
        Assert.Equal(5, state.Length);
        using var scope = Memory.Scope();
        var expected = model.Logits(Tensor.From<int>([1, 4, 0, 3], [4]), new Pass(SequenceLayout.Batch(1, 4))).LogSoftmax().ToArray<float>();
        Assert.Equal(expected[1 * 5 + 0], scores[0], 1e-5);
        Assert.Equal(expected[2 * 5 + 3], scores[1], 1e-5);
        Assert.Equal(expected[3 * 5 + 2], scores[2], 1e-5);
    }

    [Fact]
    public void A_fork_goes_its_own_way_and_truncation_forgets()
    {
        var model = Model();
        using var state = model.Start();
        model.Advance([new(state, new[] { 1, 2, 3 }, Wanted.None)], []);
        using var fork = state.Fork();
        float[] expected = new float[5], actual = new float[5];
        model.Advance([new(state, new[] { 4 }, Wanted.Last)], expected);
        model.Advance([new(fork, new[] { 0 }, Wanted.Last)], actual);
        Assert.NotEqual(expected, actual);
        Assert.True(fork.TryTruncate(3));
        model.Advance([new(fork, new[] { 4 }, Wanted.Last)], actual);
        Assert.Equal(expected, actual);
        Assert.False(fork.TryTruncate(99));
    }

    [Fact]
    public void More_tokens_than_the_context_are_refused_with_both_numbers()
    {
        var model = Model();
        using var state = model.Start();
        var error = Assert.Throws<ArgumentException>(() => model.Advance([new(state, new int[9], Wanted.None)], []));
        Assert.Contains("9 tokens do not fit into a context of 8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packed_sequences_do_not_see_each_other()
    {
        var model = Model();
        using var scope = Memory.Scope();
        var together = model.Logits(Tensor.From<int>([1, 2, 3, 4, 0], [5]), new Pass(SequenceLayout.Packed(3, 2))).ToArray<float>();
        var first = model.Logits(Tensor.From<int>([1, 2, 3], [3]), new Pass(SequenceLayout.Packed(3))).ToArray<float>();
        var second = model.Logits(Tensor.From<int>([4, 0], [2]), new Pass(SequenceLayout.Packed(2))).ToArray<float>();
        Assert.Equal(first, together[..15]);
        Assert.Equal(second, together[15..]);
    }

    [Fact]
    public void Without_positions_attention_follows_a_permutation_of_its_rows()
    {
        using var scope = Memory.Scope();
        int[] order = [3, 0, 4, 1, 2];
        var values = new float[5 * 2 * 4];
        for (var i = 0; i < values.Length; i++) values[i] = (float)new RandomStream(9).Normal((ulong)i);
        var shuffled = order.SelectMany(row => values[(row * 8)..(row * 8 + 8)]).ToArray();
        var plain = Attend(values);
        var moved = Attend(shuffled);
        for (var i = 0; i < 5; i++)
            for (var k = 0; k < 8; k++) Assert.Equal(plain[order[i] * 8 + k], moved[i * 8 + k], 1e-6f);

        static float[] Attend(float[] x)
        {
            var t = Tensor.From(x, [5, 2, 4]);
            return TensorOps.Attention(t, t, t, SequenceLayout.Batch(1, 5), AttentionWindow.Full).ToArray<float>();
        }
    }

    [Fact]
    public void The_tied_head_is_the_embedding_and_costs_no_weights()
    {
        var model = Model();
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Name.Contains("lm_head", StringComparison.Ordinal));
        var expected = 5 * 16 + 8 * 16 + 2 * (4 * 16 + 16 * 48 + 48 + 16 * 16 + 16 + 16 * 64 + 64 + 64 * 16 + 16) + 2 * 16;
        Assert.Equal(expected, model.Parameters.Sum(parameter => parameter.Shape.Count));
    }

    [Fact]
    public void The_gradient_of_an_embedding_is_that_of_a_one_hot_product()
    {
        using var tape = Tape.Start();
        var table = Tensor.From(Enumerable.Range(0, 12).Select(i => i * 0.1f).ToArray(), [4, 3]).WithGradient();
        var oneHot = Tensor.From<float>([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0], [3, 4]);
        var weights = Tensor.From<float>([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
        var sparse = (table.Gather(Tensor.From<int>([2, 0, 2], [3])) * weights).Sum();
        var sparseGradient = tape.Backward(sparse)[table].ToArray<float>();
        using var again = Tape.Start();
        var dense = (oneHot.MatMul(table) * weights).Sum();
        Assert.Equal(again.Backward(dense)[table].ToArray<float>(), sparseGradient);
    }

    [Fact]
    public void An_observer_sees_every_site_and_may_replace_a_value()
    {
        var model = Model();
        using var scope = Memory.Scope();
        var (ids, layout) = (Tensor.From<int>([1, 2, 3], [3]), SequenceLayout.Batch(1, 3));
        var watcher = new Watcher(null);
        var plain = model.Logits(ids, new Pass(layout)).ToArray<float>();
        Assert.Equal(plain, model.Logits(ids, new Pass(layout, Observer: watcher)).ToArray<float>());
        // The last ones are those of recurrent layers.
        Assert.Equal((int)Site.InputGate * 2, watcher.Seen.Count);
        Assert.NotEqual(plain, model.Logits(ids, new Pass(layout, Observer: new Watcher(Site.MlpOutput))).ToArray<float>());
    }

    private sealed class Watcher(Site? zeroed) : IObserver
    {
        public HashSet<(Site, int)> Seen { get; } = [];

        public bool Watches(Site site, int layer) => true;

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            Seen.Add((site, layer));
            return site == zeroed ? value * 0 : value;
        }
    }
}
