using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Composed;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Tests.Models.Decoder;
using Xunit;

namespace Stemma.Tests.Models.Composed;

/// <summary>Whatever parts a decoder is composed of: it equals the family with those parts, sees no future, decodes from its cache as at once, learns, and opens again.</summary>
public sealed class ComposedTests
{
    private static readonly int[] s_row = [13, 8, 5, 9, 26, 7, 35, 24, 38, 18, 32, 1];

    private static readonly ComposedConfig s_small = new() { VocabSize = 40, ContextLength = 16, HiddenSize = 32, LayerCount = 2 };

    private static readonly Dictionary<string, ComposedConfig> s_configs = new()
    {
        ["2017"] = s_small with { Positions = new SinusoidalPositionsConfig(), Norm = NormKind.LayerNorm, Block = BlockKind.PostNorm, FeedForward = new MlpConfig { Activation = ActivationKind.Relu }, Bias = true, TiesEmbeddings = true, ScalesEmbeddings = true },
        ["gpt"] = s_small with { Positions = new LearnedPositionsConfig(), Norm = NormKind.LayerNorm, FeedForward = new MlpConfig(), Bias = true },
        ["alibi"] = s_small with { Positions = new AlibiPositionsConfig(), KvHeadCount = 1 },
        ["buckets"] = s_small with { Positions = new BucketPositionsConfig { BucketCount = 6, MaxDistance = 10 }, Block = BlockKind.Parallel },
        ["none"] = s_small with { Positions = new NoPositionsConfig(), Block = BlockKind.Sandwich },
        ["local"] = s_small with { Pattern = new LocalPattern { Window = 3 } },
        ["alternating"] = s_small with { Pattern = new AlternatingPattern { Window = 3 }, Positions = new RotaryPositionsConfig { Scaling = new LinearRotaryScaling() } },
        ["experts"] = s_small with { FeedForward = new MixtureOfExpertsConfig { ExpertCount = 3, LogitLossWeight = 0.001 }, IntermediateSize = 16 },
    };

    public static TheoryData<string> Names => [.. s_configs.Keys];

    [Fact]
    public void Llamas_parts_are_a_llama()
    {
        var llama = new LlamaConfig { VocabSize = 40, ContextLength = 16, HiddenSize = 32, LayerCount = 2, KvHeadCount = 2, IntermediateSize = 48 };
        Assert.Equal(DecoderGoldenTests.Logits(Build(llama), s_row), DecoderGoldenTests.Logits(Build(s_small with { KvHeadCount = 2, IntermediateSize = 48 }), s_row));
    }

    [Fact]
    public void Mixtrals_parts_are_a_mixtral_and_its_routers_losses_count_while_training()
    {
        var mixtral = Build(new MixtralConfig { VocabSize = 40, ContextLength = 16, HiddenSize = 32, LayerCount = 2, ExpertCount = 4, IntermediateSize = 16, LoadLossWeight = 0.3, LogitLossWeight = 0.2 });
        var experts = new MixtureOfExpertsConfig { ExpertCount = 4, LoadLossWeight = 0.3, LogitLossWeight = 0.2 };
        var composed = Build(s_small with { FeedForward = experts, IntermediateSize = 16 });
        Assert.Equal(DecoderGoldenTests.Logits(mixtral, s_row), DecoderGoldenTests.Logits(composed, s_row));
        Assert.Equal(mixtral.TrainingFlopsPerToken(16), composed.TrainingFlopsPerToken(16));
        Assert.Equal(Losses(mixtral), Losses(composed));
        Assert.True(Losses(composed).Training > Losses(composed).Reading + 0.1);
    }

    [Theory]
    [InlineData("model.kv_head_count=2", "llama")]
    [InlineData("model.bias=true", "llama")]
    [InlineData("model.positions.scaling.kind=linear", "llama")]
    [InlineData("model.pattern={\"kind\":\"local\",\"window\":3}", "mistral")]
    [InlineData("model.feed_forward={\"kind\":\"experts\",\"expert_count\":3}", "mixtral")]
    [InlineData("model.norm=layer-norm", null)]
    [InlineData("model.block=sandwich", null)]
    [InlineData("model.positions.kind=alibi", null)]
    [InlineData("model.feed_forward.kind=mlp", null)]
    [InlineData("model.scales_embeddings=true", null)]
    public void With_the_parts_of_a_published_family_it_is_exported_as_one(string setting, string? family)
    {
        var run = Stemma.Configuration.Settings.Apply(new(), ["model.kind=decoder", "model.vocab_size=40", "model.context_length=16", "model.hidden_size=32", "model.layer_count=2", "model.intermediate_size=48", setting]);
        var model = Build(run.Model);
        var published = ModelFolder.Published(model);
        Assert.Equal(family is not null, ModelFolder.HasForeignFormat(published));
        if (family is null) return;
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, published);
        Assert.Equal(family, ModelFolder.TypeOf(folder.Path));
        Assert.Equal(DecoderGoldenTests.Logits(model, s_row), DecoderGoldenTests.Logits(ModelFolder.Load(folder.Path, Device.Cpu), s_row));
    }

    [Theory, MemberData(nameof(Names))]
    public void It_sees_no_future_and_decodes_from_its_cache_as_at_once(string name)
    {
        var model = Build(s_configs[name]);
        var whole = DecoderGoldenTests.Logits(model, s_row);
        var changed = s_row.ToArray();
        changed[5]++;
        var after = DecoderGoldenTests.Logits(model, changed);
        Assert.Equal(whole[..(5 * 40)], after[..(5 * 40)]);
        Assert.NotEqual(whole[(5 * 40)..], after[(5 * 40)..]);
        using var state = model.Start();
        var (logits, at) = (new float[whole.Length], 0);
        foreach (var count in (int[])[5, 1, 6])
        {
            model.Advance([new(state, s_row.AsMemory(at, count), Wanted.All)], logits.AsSpan(at * 40));
            at += count;
        }
        Golden.Close([.. whole.Select(x => (double)x)], logits, 2e-5);
    }

    [Theory, MemberData(nameof(Names))]
    public void It_learns_a_row_and_its_folder_opens_again(string name)
    {
        var model = Build(s_configs[name]);
        var optimizer = new AdamWConfig().Build(model.Parameters);
        var losses = new List<double>();
        for (var step = 0; step < 25; step++)
        {
            using var tape = Tape.Start();
            var loss = model.Loss(DecoderGoldenTests.Ids(s_row, Device.Cpu), DecoderGoldenTests.Ids([.. s_row.Skip(1), 13], Device.Cpu), new(SequenceLayout.Packed(s_row.Length)));
            losses.Add(loss.ToScalar());
            optimizer.Step(tape.Backward(loss), 0.01);
        }
        Assert.InRange(losses[^1], 0, losses[0] / 2);
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, model);
        var again = ModelFolder.Load(folder.Path, Device.Cpu);
        Assert.Equal(model.Config, again.Config);
        Assert.Equal(DecoderGoldenTests.Logits(model, s_row), DecoderGoldenTests.Logits(again, s_row));
    }

    [Fact]
    public void A_window_hides_what_is_farther_and_waves_reach_beyond_the_context()
    {
        var one = Build(s_small with { Pattern = new LocalPattern { Window = 3 }, LayerCount = 1 });
        var changed = s_row.ToArray();
        changed[2]++;
        var (before, after) = (DecoderGoldenTests.Logits(one, s_row), DecoderGoldenTests.Logits(one, changed));
        Assert.NotEqual(before[(4 * 40)..(5 * 40)], after[(4 * 40)..(5 * 40)]);
        Assert.Equal(before[(5 * 40)..], after[(5 * 40)..]);

        int[] longer = [.. Enumerable.Range(0, 24).Select(i => i % 40)];
        Assert.Equal(24 * 40, DecoderGoldenTests.Logits(Build(s_configs["2017"]), longer).Length);
        Assert.Contains("beyond this model's context of 16", Assert.Throws<ArgumentException>(() => DecoderGoldenTests.Logits(Build(s_configs["gpt"]), longer)).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "model.kv_head_count=3", "model.head_count 4 does not divide into groups for model.kv_head_count 3 key heads." },
        { "model.positions.theta=1", "model.positions.theta is 1; it must be greater than 1." },
        { "model.head_count=128", "model.positions.kind is rotary, which turns pairs of channels; a head has 1." },
        { "model.positions={\"kind\":\"rotary\",\"scaling\":{\"kind\":\"linear\",\"factor\":0.5}}", "model.positions.scaling.factor is 0.5; it must be at least 1." },
        { "model.positions={\"kind\":\"buckets\",\"max_distance\":16}", "model.positions.max_distance is 16; it must exceed the 16 distances that have buckets of their own." },
        { "model.pattern={\"kind\":\"local\",\"window\":0}", "model.pattern.window is 0; it must be positive." },
        { "model.feed_forward={\"kind\":\"experts\",\"expert_count\":2,\"top_expert_count\":3}", "model.feed_forward.top_expert_count is 3; a token cannot meet more than model.feed_forward.expert_count 2 experts." },
        { "model.positions.factor=2", "Unknown setting model.positions.factor." },
        { "model.positions.scaling.factor=2", "model.positions.scaling.factor belongs to model.positions.scaling.kind " },
        { "model.norm=batch-norm", "model.norm is \"batch-norm\"; it is one of layer-norm, rms-norm." },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_cannot_be_built_is_said_in_a_sentence(string setting, string message)
    {
        var error = Assert.Throws<ConfigurationException>(() => Stemma.Configuration.Settings.Apply(new(), ["model.kind=decoder", setting]).Validate());
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_parts_of_parts_say_what_they_hang_on()
    {
        var setting = Stemma.Configuration.Settings.All.First(setting => setting.Path == "model.positions.scaling.slow_turns");
        Assert.Equal(["model.kind", "model.positions.kind", "model.positions.scaling.kind"], setting.Conditions.Select(condition => condition.Path));
        Assert.Equal(["decoder"], setting.Conditions[0].Kinds);
        Assert.Equal(["rotary"], setting.Conditions[1].Kinds);
    }

    private static NeuralLanguageModel Build(ModelConfig config) => config.Build(new Weights(new InitialWeights(5), Device.Cpu));

    private static (double Training, double Reading) Losses(NeuralLanguageModel model)
    {
        var (ids, pass) = (DecoderGoldenTests.Ids(s_row, Device.Cpu), new Pass(SequenceLayout.Packed(s_row.Length)));
        var reading = model.Loss(ids, ids, pass).ToScalar();
        using var tape = Tape.Start();
        return (model.Loss(ids, ids, pass).ToScalar(), reading);
    }
}
