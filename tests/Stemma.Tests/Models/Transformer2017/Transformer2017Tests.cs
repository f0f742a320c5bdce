using Stemma.Generation;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Transformer2017;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Schedules;
using Xunit;

namespace Stemma.Tests.Models.Transformer2017;

/// <summary>The original Transformer is one model, whether it reads a target at once or word by word, alone or beside others; and it learns.</summary>
public sealed class Transformer2017Tests
{
    private static readonly TokenPair[] s_pairs = [new([3, 4, 5, 6, 7, 0], [2, 2, 9, 0]), new([8, 0], [1, 4, 4, 4, 7, 1, 0]), new([1, 2, 3, 0], [0])];

    [Theory, InlineData(false), InlineData(true)]
    public void Cached_decoding_equals_reading_at_once(bool shared)
    {
        var model = Build(shared);
        foreach (var pair in s_pairs)
        {
            var batch = PairBatch.Of([pair], PairTasks.End);
            double[] expected = [.. model.Logits(batch).ToArray<float>()];
            var given = model.Given(pair.Source);
            using var state = given.Start();
            var (actual, logits) = (new List<float>(), new float[given.VocabSize]);
            foreach (var token in batch.Inputs)
            {
                given.Advance([new(state, new[] { token }, Wanted.Last)], logits);
                actual.AddRange(logits);
            }
            Golden.Close(expected, actual.ToArray(), 1e-5, "word by word");
            using var whole = given.Start();
            var all = new float[batch.Inputs.Length * given.VocabSize];
            given.Advance([new(whole, batch.Inputs, Wanted.All)], all);
            Golden.Close(expected, all, 1e-5, "at once");
        }
    }

    [Fact]
    public void Each_token_looks_at_the_source_with_weights_that_sum_to_one()
    {
        var given = Build(shared: false).Given(s_pairs[0].Source);
        using var first = given.Start();
        given.Advance([new(first, new[] { 0, 5 }, Wanted.None)], []);
        using var second = first.Fork();
        given.Advance([new(first, new[] { 1 }, Wanted.None), new(second, new[] { 2, 3 }, Wanted.None)], []);
        foreach (var (state, length) in ((IAlignedState, int)[])[((IAlignedState)first, 3), ((IAlignedState)second, 4)]) Assert.Equal(length, state.Alignment.Count);
        Assert.All(((IAlignedState)second).Alignment, weights => Assert.Equal((6, 1.0), (weights.Length, Math.Round(weights.Sum(), 5))));
        Assert.Equal(((IAlignedState)first).Alignment[1], ((IAlignedState)second).Alignment[1]);
        Assert.True(second.TryTruncate(1));
        Assert.Single(((IAlignedState)second).Alignment);
    }

    [Fact]
    public void A_pair_alone_is_read_as_beside_others()
    {
        var model = Build(shared: true);
        var together = model.Logits(PairBatch.Of(s_pairs, PairTasks.End)).ToArray<float>();
        double[] alone = [.. s_pairs.SelectMany(pair => model.Logits(PairBatch.Of([pair], PairTasks.End)).ToArray<float>())];
        Golden.Close(alone, together, 1e-6, "together");
    }

    [Fact]
    public void A_target_does_not_see_what_comes_after()
    {
        var model = Build(shared: false);
        var (one, other) = (new TokenPair([3, 4, 0], [5, 6, 7, 0]), new TokenPair([3, 4, 0], [5, 6, 1, 0]));
        var (a, b) = (model.Logits(PairBatch.Of([one], 0)).ToArray<float>(), model.Logits(PairBatch.Of([other], 0)).ToArray<float>());
        // The third target is read as the fourth input.
        Assert.Equal(a[..30], b[..30]);
        Assert.NotEqual(a[30..], b[30..]);
    }

    [Fact]
    public void Without_positions_there_would_be_no_order_and_with_them_there_is()
    {
        var model = Build(shared: false);
        var pass = new Pass(SequenceLayout.Packed(3));
        var (a, b) = (model.Encode(Ids(3, 4, 5), pass).ToArray<float>(), model.Encode(Ids(5, 4, 3), pass).ToArray<float>());
        Assert.NotEqual(a[16..32], b[16..32]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Every_weight_has_a_gradient_that_equals_differences(bool shared)
    {
        var model = Build(shared);
        var batch = PairBatch.Of(s_pairs, PairTasks.End);
        GradientCheck.AlongItself(model.Parameters, () => model.Loss(batch, labelSmoothing: 0.1, divisor: 1));
    }

    [Fact]
    public void Devices_agree_on_every_gradient()
    {
        var (cpu, reference) = (Gradients(Device.Cpu), Gradients(Device.Reference));
        foreach (var (name, values) in reference.Where(pair => !pair.Key.EndsWith("key.bias", StringComparison.Ordinal))) Golden.Close([.. values], cpu[name], 1e-4, name);

        static Dictionary<string, float[]> Gradients(Device device)
        {
            var model = Build(shared: false, device);
            using var tape = Tape.Start();
            var gradients = tape.Backward(model.Loss(PairBatch.Of(s_pairs, PairTasks.End), labelSmoothing: 0.1, divisor: 1));
            return model.Parameters.ToDictionary(weight => weight.Name, weight => gradients[weight].ToArray<float>());
        }
    }

    [Fact]
    public void States_fork_and_scores_are_log_probabilities()
    {
        var given = Build(shared: false).Given(s_pairs[0].Source);
        using var first = given.Start();
        given.Advance([new(first, new[] { 0, 5 }, Wanted.None)], []);
        using var second = first.Fork();
        var scores = new double[2];
        given.Score(second, [4, 0], scores);
        Assert.Equal(4, second.Length);
        var logits = new float[2 * given.VocabSize];
        using var alone = given.Start();
        given.Advance([new(alone, new[] { 0 }, Wanted.None)], []);
        given.Advance([new(alone, new[] { 5, 4 }, Wanted.All)], logits);
        Assert.Equal(LogProbability(logits.AsSpan(0, 10), 4), scores[0], 1e-5);
        Assert.Equal(LogProbability(logits.AsSpan(10, 10), 0), scores[1], 1e-5);
    }

    [Fact]
    public void It_mixes_in_its_own_words_only_where_asked()
    {
        var model = Build(shared: false);
        var batch = PairBatch.Of(s_pairs, PairTasks.End);
        Assert.Equal(batch.Inputs, model.Mixed(batch, 0, new(1)).Inputs);
        var mixed = model.Mixed(batch, 1, new(1)).Inputs;
        Assert.NotEqual(batch.Inputs, mixed);
        foreach (var start in batch.TargetLayout.QueryOffsets[..^1]) Assert.Equal(PairTasks.End, mixed[start]);
    }

    [Fact]
    public void It_learns_to_reverse()
    {
        var model = (Transformer2017Model)(new Transformer2017Config { LayerCount = 2, HeadCount = 4, HiddenSize = 32, IntermediateSize = 64, Dropout = 0, SourceVocabSize = 9, TargetVocabSize = 9 }).Build(new Weights(new InitialWeights(3), Device.Cpu));
        var optimizer = new AdamConfig().Build(model.Parameters);
        var schedule = new CosineSchedule { LearningRate = 3e-3, FinalLearningRate = 3e-4, WarmupSteps = 100 };
        const int Steps = 700;
        for (var step = 0; step < Steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(11).Fork((ulong)step);
            var loss = model.Loss(PairBatch.Of([.. Enumerable.Range(0, 32).Select(i => Task(random.Fork((ulong)i)))], PairTasks.End));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, Steps));
        }
        Assert.InRange(PairTasks.Accuracy(model, Task, 50), 0.9, 1);

        static TokenPair Task(RandomStream random) => PairTasks.Reversal(random, 8, 3, 7);
    }

    [Fact]
    public void Bad_sizes_are_named()
    {
        Assert.Contains("head_count", Assert.Throws<ConfigurationException>(() => (new Transformer2017Config { SourceVocabSize = 5, TargetVocabSize = 5, HiddenSize = 10, HeadCount = 4 }).Validate()).Message);
        Assert.Contains("shared_embeddings", Assert.Throws<ConfigurationException>(() => (new Transformer2017Config { SourceVocabSize = 5, TargetVocabSize = 6, SharedEmbeddings = true }).Validate()).Message);
    }

    private static Transformer2017Model Build(bool shared, Device? device = null) => (Transformer2017Model)(new Transformer2017Config
    {
        LayerCount = 2,
        HeadCount = 2,
        HiddenSize = 16,
        IntermediateSize = 24,
        SharedEmbeddings = shared,
        SourceVocabSize = 10,
        TargetVocabSize = 10,
    }).Build(new Weights(new InitialWeights(5), device ?? Device.Cpu));

    private static Tensor Ids(params int[] ids) => Tensor.From(ids, [ids.Length]);

    private static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        var (sum, chosen) = (0.0, (double)logits[token]);
        foreach (var logit in logits) sum += Math.Exp(logit - chosen);
        return -Math.Log(sum);
    }
}
