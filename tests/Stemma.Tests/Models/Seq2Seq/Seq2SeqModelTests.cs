using Stemma.Generation;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Xunit;

namespace Stemma.Tests.Models;

/// <summary>An encoder–decoder is one model, whether it reads a target at once or word by word, alone or beside others.</summary>
public sealed class Seq2SeqModelTests
{
    private static readonly Dictionary<string, Seq2SeqConfig> s_models = new()
    {
        ["plain lstm"] = new() { Attention = new NoAttentionConfig() },
        ["plain gru, two layers"] = new() { Attention = new NoAttentionConfig(), Cell = new GruCellConfig(), LayerCount = 2 },
        ["luong general"] = new(),
        ["luong dot, two layers"] = new() { Attention = new LuongAttentionConfig { Score = new DotScoreConfig() }, LayerCount = 2 },
        ["luong scaled dot, gru"] = new() { Attention = new LuongAttentionConfig { Score = new ScaledDotScoreConfig() }, Cell = new GruCellConfig() },
        ["luong concat"] = new() { Attention = new LuongAttentionConfig { Score = new ConcatScoreConfig() } },
        ["bahdanau gru"] = new() { Attention = new BahdanauAttentionConfig(), Cell = new GruCellConfig() },
        ["bahdanau lstm, two layers"] = new() { Attention = new BahdanauAttentionConfig(), LayerCount = 2 },
    };

    private static readonly TokenPair[] s_pairs = [new([3, 4, 5, 6, 7, 0], [2, 2, 9, 0]), new([8, 0], [1, 4, 4, 4, 7, 1, 0]), new([1, 2, 3, 0], [0])];

    public static TheoryData<string> Models => [.. s_models.Keys];

    [Theory, MemberData(nameof(Models))]
    public void Word_by_word_it_says_what_it_says_at_once(string name)
    {
        var model = Build(name);
        foreach (var pair in s_pairs)
        {
            var batch = PairBatch.Of([pair], PairTasks.End);
            var expected = model.Logits(batch).ToArray<float>().Select(value => (double)value).ToArray();
            var given = model.Given(pair.Source);
            using var state = given.Start();
            var actual = new List<float>();
            var logits = new float[given.VocabSize];
            foreach (var token in batch.Inputs)
            {
                given.Advance([new(state, new[] { token }, Wanted.Last)], logits);
                actual.AddRange(logits);
            }
            Golden.Close(expected, [.. actual], 1e-5, "word by word");
            Assert.Equal(batch.Inputs.Length, state.Length);

            using var whole = given.Start();
            var all = new float[batch.Inputs.Length * given.VocabSize];
            given.Advance([new(whole, batch.Inputs, Wanted.All)], all);
            Golden.Close(expected, all, 1e-5, "at once");
            if (state is IAlignedState { Alignment: { Count: > 0 } looks })
            {
                Assert.All(looks, weights => Assert.Equal(1, weights.Sum(), 1e-5));
                Golden.Close([.. model.Alignment(batch).ToArray<float>().Select(value => (double)value)], [.. looks.SelectMany(weights => weights)], 1e-5, "alignment");
            }
            else Assert.False(model.Attends);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_pair_alone_is_read_as_beside_others(string name)
    {
        var model = Build(name);
        var together = model.Logits(PairBatch.Of(s_pairs, PairTasks.End)).ToArray<float>();
        var alone = s_pairs.SelectMany(pair => model.Logits(PairBatch.Of([pair], PairTasks.End)).ToArray<float>()).ToArray();
        Golden.Close([.. alone.Select(value => (double)value)], together, 1e-5, "together");
        var loss = model.Loss(PairBatch.Of(s_pairs, PairTasks.End), divisor: 1).ToScalar();
        Assert.Equal(s_pairs.Sum(pair => model.Loss(PairBatch.Of([pair], PairTasks.End), divisor: 1).ToScalar()), loss, 1e-3);
    }

    [Theory, MemberData(nameof(Models))]
    public void States_of_one_source_advance_together_and_part_ways(string name)
    {
        var given = Build(name).Given(s_pairs[0].Source);
        using var first = given.Start();
        given.Advance([new(first, new[] { 0, 5 }, Wanted.None)], []);
        using var second = first.Fork();
        var logits = new float[3 * given.VocabSize];
        given.Advance([new(first, new[] { 1 }, Wanted.Last), new(second, new[] { 2, 3 }, Wanted.All)], logits);
        foreach (var (tokens, row) in ((int[], int)[])[([0, 5, 1], 0), ([0, 5, 2], 1), ([0, 5, 2, 3], 2)])
        {
            using var alone = given.Start();
            var expected = new float[given.VocabSize];
            given.Advance([new(alone, tokens, Wanted.Last)], expected);
            Golden.Close([.. expected.Select(value => (double)value)], logits.AsSpan(row * given.VocabSize, given.VocabSize).ToArray(), 1e-5, $"row {row}");
        }
        var scores = new double[2];
        using var third = given.Start();
        given.Advance([new(third, new[] { 0 }, Wanted.None)], []);
        given.Score(third, [4, 0], scores);
        Assert.All(scores, score => Assert.True(score < 0));
        Assert.Equal(3, third.Length);
    }

    [Theory, MemberData(nameof(Models))]
    public void Every_weight_has_a_gradient_that_equals_differences(string name)
    {
        // Large steps in float32: a rough check of the whole; the operations are checked one by one in float64.
        var model = Build(name);
        var batch = PairBatch.Of(s_pairs, PairTasks.End);
        using var tape = Tape.Start();
        var gradients = tape.Backward(model.Loss(batch, labelSmoothing: 0.1, divisor: 1));
        using var pause = Tape.Pause();
        foreach (var weight in model.Parameters)
        {
            Assert.True(gradients.TryGet(weight, out var gradient), $"{weight.Name} has no gradient");
            var g = gradient.ToArray<float>();
            var length = Math.Sqrt(g.Sum(value => (double)value * value));
            Assert.True(length > 0, weight.Name);
            // Along its own gradient a loss rises by the gradient's length.
            var kept = weight.Value.ToArray<float>();
            double At(double step)
            {
                var x = weight.Value.Span<float>();
                for (var i = 0; i < x.Length; i++) x[i] = (float)(kept[i] + step * g[i] / length);
                return model.Loss(batch, labelSmoothing: 0.1, divisor: 1).ToScalar();
            }
            var slope = (At(2e-2) - At(-2e-2)) / 4e-2;
            At(0);
            Assert.True(Math.Abs(slope - length) < 0.03 * length + 0.01, $"{weight.Name}: {slope} is not {length}");
        }
    }

    [Fact]
    public void Scheduled_sampling_replaces_as_many_words_as_it_should_and_leaves_the_first_alone()
    {
        var model = Build("luong general");
        var batch = PairBatch.Of([.. Enumerable.Repeat(s_pairs[1], 200)], PairTasks.End);
        Assert.Equal(batch.Inputs, model.Mixed(batch, 0, new RandomStream(1)).Inputs);
        var mixed = model.Mixed(batch, 0.5, new RandomStream(1));
        Assert.Equal(mixed.Inputs, model.Mixed(batch, 0.5, new RandomStream(1)).Inputs);
        Assert.Equal(batch.Targets, mixed.Targets);
        Assert.All(mixed.Inputs.Chunk(7), row => Assert.Equal(PairTasks.End, row[0]));
        // An untrained model draws among ten words nearly evenly, so that nine in ten of the replaced ones differ.
        var changed = batch.Inputs.Zip(mixed.Inputs).Count(pair => pair.First != pair.Second) / (6.0 * 200);
        Assert.InRange(changed, 0.40, 0.50);
    }

    [Fact]
    public void Attention_learns_to_reverse_without_a_fault()
    {
        var model = PairTasks.Model(new() { EmbeddingSize = 32, HiddenSize = 64, Cell = new GruCellConfig() }, 11);
        PairTasks.Train(model, Task, 400, 32, 1e-2);
        Assert.Equal(1.0, PairTasks.Accuracy(model, Task, 200));

        // The token that is written looks at the one it copies: the alignment is the diagonal from the end.
        var pair = new TokenPair([3, 1, 4, 1, 5, 9, 0], [9, 5, 1, 4, 1, 3, 0]);
        var found = new BeamSearch { Width = 1 }.Search(model.Given(pair.Source), new[] { PairTasks.End }, PairTasks.End)[0];
        Assert.Equal(pair.Target[..^1], found.Tokens);
        Assert.Equal(7, found.Alignment.Count);

        static TokenPair Task(RandomStream random) => PairTasks.Reversal(random, 10, 3, 8);
    }

    // Associative recall: who reads a key finds its value, which a state that has to hold all of them does not in as many steps.
    [Fact]
    public void Attention_recalls_what_stood_behind_a_key()
    {
        Assert.InRange(Recalled(new LuongAttentionConfig()), 0.98, 1);
        Assert.InRange(Recalled(new NoAttentionConfig()), 0, 0.75);

        static double Recalled(Seq2SeqAttentionConfig attention)
        {
            var model = PairTasks.Model(new() { EmbeddingSize = 32, HiddenSize = 64, Cell = new GruCellConfig(), Attention = attention }, 17);
            PairTasks.Train(model, Task, 400, 32, 1e-2);
            return PairTasks.Recalled(model, Task, 100);
        }

        static TokenPair Task(RandomStream random) => PairTasks.Recall(random, 8, 4);
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        Assert.Contains("even", Assert.Throws<ConfigurationException>(() => PairTasks.Model(new() { HiddenSize = 7 }, 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => PairTasks.Model(new() { Dropout = 1 }, 5));
        Assert.Throws<ArgumentException>(() => Build("luong general").Given(Array.Empty<int>()));
        Assert.Throws<InvalidOperationException>(() => Build("plain lstm").Alignment(PairBatch.Of(s_pairs, 0)));
    }

    private static Seq2SeqModel Build(string name) => PairTasks.Model(s_models[name] with { EmbeddingSize = 12, HiddenSize = 16 }, 10);
}
