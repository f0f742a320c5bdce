using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Composed;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Layers;
using Stemma.Tests.Models.Decoder;
using Xunit;

namespace Stemma.Tests.Models.Composed;

/// <summary>What holds of a decoder whatever its attention.</summary>
public sealed class ComposedAttentionTests
{
    private static readonly ComposedConfig s_base = new() { VocabSize = 40, ContextLength = 192, LayerCount = 2, HiddenSize = 32, HeadCount = 4, IntermediateSize = 24, InitializerRange = 0.3 };

    private static readonly Dictionary<string, ComposedConfig> s_configs = new()
    {
        ["softmax"] = s_base,
        ["buckets"] = s_base with { Positions = new BucketPositionsConfig() },
        ["strided"] = s_base with { Pattern = new StridedPattern { BlockSize = 4, Stride = 3 } },
        ["fixed"] = s_base with { Pattern = new FixedPattern { BlockSize = 4, Stride = 3 } },
        ["longformer"] = s_base with { Pattern = new LocalGlobalPattern { BlockSize = 4, LocalCount = 1 }, KvHeadCount = 2 },
        ["bigbird"] = s_base with { Pattern = new BigBirdPattern { BlockSize = 4 }, Positions = new AlibiPositionsConfig() },
        ["linear"] = s_base with { Attention = new LinearAttentionConfig() },
        ["favor"] = s_base with { Attention = new FavorAttentionConfig { FeatureCount = 24 }, KvHeadCount = 2 },
        ["lsh"] = s_base with { Attention = new LshAttentionConfig { BucketCount = 4, NeighbourCount = 6 } },
        ["latent"] = s_base with { Attention = new LatentAttentionConfig { LatentSize = 10, RotarySize = 4 } },
        ["latent queries"] = s_base with { Attention = new LatentAttentionConfig { LatentSize = 10, RotarySize = 4, QueryLatentSize = 12 }, Positions = new LearnedPositionsConfig() },
        ["reversible"] = s_base with { Block = BlockKind.Reversible },
        ["reversible lsh"] = s_base with { Block = BlockKind.Reversible, Attention = new LshAttentionConfig { BucketCount = 4, NeighbourCount = 6 } },
        ["reversible buckets"] = s_base with { Block = BlockKind.Reversible, Positions = new BucketPositionsConfig() },
    };

    private static readonly int[] s_row = [.. Enumerable.Range(0, 150).Select(i => (i * 7 + i * i * 3) % 40)];

    public static TheoryData<string> Names => [.. s_configs.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_later_token_never_changes_an_earlier_logit(string name)
    {
        var model = Build(name);
        var before = DecoderGoldenTests.Logits(model, s_row);
        foreach (var j in (int[])[0, 70, s_row.Length - 1])
        {
            var changed = s_row.ToArray();
            changed[j] = (changed[j] + 1) % 40;
            var after = DecoderGoldenTests.Logits(model, changed);
            Assert.Equal(Bits(before.AsSpan(0, j * 40)), Bits(after.AsSpan(0, j * 40)));
            Assert.NotEqual(Bits(before.AsSpan(j * 40, 40)), Bits(after.AsSpan(j * 40, 40)));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Packed_sequences_do_not_see_each_other(string name)
    {
        var model = Build(name);
        var packed = DecoderGoldenTests.Logits(model, s_row[..90], s_row[90..]);
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, s_row[..90])), Bits(packed.AsSpan(0, 90 * 40)));
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, s_row[90..])), Bits(packed.AsSpan(90 * 40)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Cached_decoding_equals_the_whole_forward_pass(string name)
    {
        var model = Build(name);
        double[] expected = [.. DecoderGoldenTests.Logits(model, s_row).Select(x => (double)x)];
        foreach (int[] parts in (int[][])[[.. Enumerable.Repeat(1, 30), 120], [70, 1, 79]])
        {
            using var state = model.Start();
            var logits = new float[expected.Length];
            var at = 0;
            foreach (var count in parts)
            {
                model.Advance([new(state, s_row.AsMemory(at, count), Wanted.All)], logits.AsSpan(at * 40));
                at += count;
            }
            Golden.Close(expected, logits, 1e-4, "cached logits");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_state_forks_goes_back_one_token_and_scores(string name)
    {
        var model = Build(name);
        using var state = model.Start();
        var logits = new float[2 * 40];
        model.Advance([new(state, s_row.AsMemory(0, 20), Wanted.Last)], logits);
        using var fork = state.Fork();
        model.Advance([new(fork, s_row.AsMemory(20, 1), Wanted.None)], []);
        Assert.True(fork.TryTruncate(20));
        model.Advance([new(state, s_row.AsMemory(30, 1), Wanted.Last), new(fork, s_row.AsMemory(30, 1), Wanted.Last)], logits);
        Golden.Close([.. logits.Take(40).Select(x => (double)x)], logits.AsSpan(40), 1e-5);
        var scores = new double[5];
        model.Score(state, s_row.AsSpan(40, 5), scores);
        var whole = DecoderGoldenTests.Logits(model, [.. s_row[..20], s_row[30], .. s_row[40..45]]);
        for (var i = 0; i < 5; i++)
        {
            var row = whole.AsSpan((20 + i) * 40, 40).ToArray();
            Assert.Equal(row[s_row[40 + i]] - Math.Log(row.Sum(x => Math.Exp(x))), scores[i], 1e-3);
        }
        Assert.True(state.TryTruncate(0));
        Assert.Equal(0, state.Length);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_saved_folder_loads_with_the_same_logits(string name)
    {
        using var folder = new TemporaryFolder();
        var model = Build(name);
        ModelFolder.Save(folder.Path, model, endOfText: 0);
        var again = ModelFolder.Load(folder.Path, Device.Cpu);
        Assert.Equal(model.Config, again.Config);
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, s_row)), Bits(DecoderGoldenTests.Logits(again, s_row)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_are_those_of_differences(string name)
    {
        var model = (s_configs[name] with { HiddenSize = 16, HeadCount = 2, KvHeadCount = 0 }).Build(new Weights(new InitialWeights(5), Device.Cpu));
        var ids = DecoderGoldenTests.Ids(s_row[..70], model.Device);
        var targets = DecoderGoldenTests.Ids(s_row[1..71], model.Device);
        var layout = SequenceLayout.Packed(40, 30);
        var (plain, checkpointed) = (Gradients(false), Gradients(true));
        // Bit for bit, but for a table that all blocks add to.
        if (name.EndsWith("buckets", StringComparison.Ordinal)) Golden.Close([.. plain.SelectMany(g => g).Select(g => (double)g)], [.. checkpointed.SelectMany(g => g).Select(g => (double)g)], 1e-6, "gradients");
        else Assert.Equal(plain.SelectMany(g => g), checkpointed.SelectMany(g => g));
        // Along the gradient itself the loss rises by its squared length: one difference for all weights, taken so near that hashes do not jump.
        var square = plain.Sum(g => g.Sum(x => (double)x * x));
        var step = 3e-4 / square;
        var slope = (Loss(step) - Loss(-step)) / (2 * step);
        Assert.InRange(slope / square, 0.97, 1.03);

        float[][] Gradients(bool checkpointing)
        {
            using var tape = Tape.Start();
            var gradients = tape.Backward(model.Loss(ids, targets, new(layout, Checkpointing: checkpointing)));
            return [.. model.Parameters.Select(weight => gradients[weight].ToArray<float>())];
        }

        double Loss(double along)
        {
            Move(along);
            var loss = model.Loss(ids, targets, new(layout)).ToScalar();
            Move(-along);
            return loss;
        }

        void Move(double along)
        {
            foreach (var (weight, gradient) in model.Parameters.Zip(plain))
                weight.Value.CopyFrom(weight.Value.Detach() + Tensor.From(gradient, weight.Shape, model.Device) * along);
        }
    }

    [Fact]
    public void A_latent_cache_holds_a_compressed_row_a_position()
    {
        foreach (var (name, numbers) in new[] { ("softmax", 2 * 32), ("longformer", 2 * 16), ("latent", 10 + 4) })
        {
            var model = Build(name);
            using var state = (SequenceCache)model.Start();
            model.Advance([new(state, s_row.AsMemory(0, 100), Wanted.None)], []);
            Assert.Equal(2L * 100 * numbers * sizeof(float), state.ByteCount);
        }
        // A running state is as large after a hundred tokens as after one.
        var linear = Build("linear");
        using var running = (SequenceCache)linear.Start();
        linear.Advance([new(running, s_row.AsMemory(0, 2), Wanted.None)], []);
        var few = running.ByteCount;
        linear.Advance([new(running, s_row.AsMemory(2, 100), Wanted.None)], []);
        Assert.Equal(few, running.ByteCount);
    }

    [Fact]
    public void Weights_over_latent_rows_are_seen_with_a_cache_and_without_and_dropped_while_training()
    {
        var (ids, layout) = (DecoderGoldenTests.Ids(s_row[..20], Device.Cpu), SequenceLayout.Packed(20));
        var model = Build("latent");
        var (plain, cached) = (new Watcher(), new Watcher());
        model.Logits(ids, new(layout, Observer: plain));
        using var state = (SequenceCache)model.Start();
        model.Logits(ids, new(layout, Cache: new([state]), Observer: cached));
        foreach (var layer in (int[])[0, 1])
        {
            Assert.All(plain[Site.Pattern, layer].Sum(-1).ToArray<float>(), share => Assert.Equal(1, share, 1e-5f));
            Golden.Close([.. plain[Site.Pattern, layer].ToArray<float>().Select(x => (double)x)], cached[Site.Pattern, layer].ToArray<float>(), 1e-4, "pattern");
        }
        var dropping = (s_configs["latent"] with { AttentionDropout = 0.5 }).Build(new Weights(new InitialWeights(5), Device.Cpu));
        var expected = model.Logits(ids, new(layout)).ToArray<float>();
        Assert.Equal(expected, dropping.Logits(ids, new(layout)).ToArray<float>());
        Assert.NotEqual(expected, dropping.Logits(ids, new(layout, Dropout: new RandomStream(3))).ToArray<float>());
    }

    [Fact]
    public void Operations_are_those_of_the_keys_that_are_read()
    {
        // Forward and backward, a key costs scores and sum 12 operations a channel; a query's own counts half.
        double Attention(string name, int context) => Build(name).TrainingFlopsPerToken(context) - Build(name).TrainingFlopsPerToken(0);
        Assert.Equal(12.0 * 2 * 32 * 96, Attention("softmax", 192), 1e-6);
        Assert.Equal(Attention("softmax", 192), Attention("latent", 192), 1e-6);
        Assert.Equal(Attention("softmax", 192), Attention("reversible", 192), 1e-6);
        Assert.Equal(12.0 * 2 * 32 * 6 * 2, Attention("lsh", 192), 1e-6);
        Assert.Equal(Attention("linear", 192), Attention("linear", 96), 1e-6);
        Assert.InRange(Attention("longformer", 192) / Attention("softmax", 192), 0.05, 0.2);
    }

    [Fact]
    public void A_prefix_is_read_in_both_directions_and_the_rest_from_left_to_right()
    {
        var model = Build("softmax");
        float[] Logits(int[] row, int prefix) => model.Logits(DecoderGoldenTests.Ids(row, model.Device), new(SequenceLayout.Packed(row.Length).WithPrefixes(prefix))).ToArray<float>();
        var (before, row) = (Logits(s_row[..20], 8), s_row[..20]);
        row[7] = (row[7] + 1) % 40;
        Assert.NotEqual(Bits(before.AsSpan(0, 40)), Bits(Logits(row, 8).AsSpan(0, 40)));
        row[7] = s_row[7];
        row[12] = (row[12] + 1) % 40;
        Assert.Equal(Bits(before.AsSpan(0, 12 * 40)), Bits(Logits(row, 8).AsSpan(0, 12 * 40)));
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, s_row[..20])), Bits(Logits(s_row[..20], 0)));
        Assert.Throws<ArgumentException>(() => SequenceLayout.Packed(5, 3).WithPrefixes(2, 4));
        Assert.Throws<ArgumentException>(() => SequenceLayout.Packed(5, 3).WithPrefixes(2));
    }

    [Fact]
    public void What_contradicts_itself_is_named()
    {
        foreach (var (config, field) in new (ComposedConfig, string)[]
        {
            (s_base with { Pattern = new FixedPattern { SummaryCount = 9 } }, "model.pattern.summary_count is 9"),
            (s_base with { Attention = new FavorAttentionConfig { FeatureCount = 0 } }, "model.attention.feature_count is 0"),
            (s_base with { Attention = new LinearAttentionConfig(), AttentionDropout = 0.1 }, "model.attention_dropout is 0.1"),
            (s_base with { Attention = new LinearAttentionConfig(), Pattern = new LocalPattern() }, "model.pattern hides keys"),
            (s_base with { Attention = new LinearAttentionConfig(), Positions = new AlibiPositionsConfig() }, "model.positions adds to scores"),
            (s_base with { Attention = new LshAttentionConfig { BucketCount = 3 } }, "model.attention.bucket_count is 3"),
            (s_base with { Attention = new LshAttentionConfig(), KvHeadCount = 2 }, "model.kv_head_count is 2"),
            (s_base with { Attention = new LatentAttentionConfig { RotarySize = 3 } }, "model.attention.rotary_size is 3"),
            (s_base with { Attention = new LatentAttentionConfig { LatentSize = 0 } }, "model.attention.latent_size is 0"),
            (s_base with { Block = BlockKind.Reversible, FeedForward = new MixtureOfExpertsConfig { LoadLossWeight = 0.1 } }, "model.block is reversible"),
        })
            Assert.Contains(field, Assert.Throws<ConfigurationException>(config.Validate).Message, StringComparison.Ordinal);
    }

    private static NeuralLanguageModel Build(string name) => s_configs[name].Build(new Weights(new InitialWeights(5), Device.Cpu));

    private static uint[] Bits(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), BitConverter.SingleToUInt32Bits);
}
