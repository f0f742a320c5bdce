using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Models.Decoder;

/// <summary>What holds of every decoder, whatever its weights.</summary>
public sealed class DecoderPropertyTests
{
    private static readonly int[] Row = [13, 8, 5, 9, 26, 7, 35, 24, 38, 18, 32, 1];

    // Angles that grow with the sequence are the exception that their own tests hold.
    public static TheoryData<string> Names => [.. DecoderGoldenTests.Folders.Where(name => name is not ("llama_dynamic" or "phi3_longrope"))];

    [Theory, MemberData(nameof(Names))]
    public void A_later_token_never_changes_an_earlier_logit(string name)
    {
        var model = DecoderGoldenTests.Load(name, "cpu");
        var before = DecoderGoldenTests.Logits(model, Row);
        foreach (var j in (int[])[0, 5, Row.Length - 1])
        {
            var changed = Row.ToArray();
            changed[j] = (changed[j] + 1) % model.VocabSize;
            var after = DecoderGoldenTests.Logits(model, changed);
            Assert.Equal(Bits(before.AsSpan(0, j * model.VocabSize)), Bits(after.AsSpan(0, j * model.VocabSize)));
            Assert.NotEqual(Bits(before.AsSpan(j * model.VocabSize, model.VocabSize)), Bits(after.AsSpan(j * model.VocabSize, model.VocabSize)));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Packed_sequences_do_not_see_each_other(string name)
    {
        var model = DecoderGoldenTests.Load(name, "cpu");
        var packed = DecoderGoldenTests.Logits(model, Row, Row[3..]);
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, Row)), Bits(packed.AsSpan(0, Row.Length * model.VocabSize)));
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, Row[3..])), Bits(packed.AsSpan(Row.Length * model.VocabSize)));
    }

    [Theory, MemberData(nameof(Names))]
    public void Cached_decoding_equals_the_whole_forward_pass(string name)
    {
        var model = DecoderGoldenTests.Load(name, "cpu");
        double[] expected = [.. DecoderGoldenTests.Logits(model, Row).Select(x => (double)x)];
        foreach (int[] parts in (int[][])[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [5, 1, 6]])
        {
            using var state = model.Start();
            var logits = new float[expected.Length];
            var at = 0;
            foreach (var count in parts)
            {
                model.Advance([new(state, Row.AsMemory(at, count), Wanted.All)], logits.AsSpan(at * model.VocabSize));
                at += count;
            }
            Golden.Close(expected, logits, 2e-5, "cached logits");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_saved_folder_loads_with_the_same_logits(string name)
    {
        using var folder = new TemporaryFolder();
        var model = DecoderGoldenTests.Load(name, "cpu");
        ModelFolder.Save(folder.Path, model, endOfText: 0);
        var again = ModelFolder.Load(folder.Path, Device.Cpu);
        Assert.Equal(model.Config with { }, again.Config);
        Assert.Equal(Bits(DecoderGoldenTests.Logits(model, Row)), Bits(DecoderGoldenTests.Logits(again, Row)));
    }

    [Theory, MemberData(nameof(Names))]
    public void An_observer_changes_nothing_and_checkpointing_neither(string name)
    {
        var model = DecoderGoldenTests.Load(name, "cpu");
        var ids = DecoderGoldenTests.Ids(Row, model.Device);
        var layout = SequenceLayout.Packed(Row.Length);
        var seen = new Sites();
        Golden.Close([.. DecoderGoldenTests.Logits(model, Row).Select(x => (double)x)], model.Logits(ids, new(layout, Observer: seen)).ToArray<float>(), 1e-5, "observed logits");
        foreach (var site in (Site[])[Site.ResidualPre, Site.Queries, Site.Keys, Site.Values, Site.HeadOutputs, Site.AttentionOutput, Site.ResidualMid, Site.MlpPre, Site.MlpPost, Site.MlpOutput, Site.ResidualPost])
            Assert.Contains((site, 1), seen.Seen);
        Assert.Equal(Gradients(false), Gradients(true));

        float[] Gradients(bool checkpointing)
        {
            using var tape = Tape.Start();
            var gradients = tape.Backward(model.Loss(ids, ids, new(layout, Checkpointing: checkpointing)));
            return [.. model.Parameters.SelectMany(weight => gradients.TryGet(weight, out var gradient) ? gradient.ToArray<float>() : [])];
        }
    }

    [Fact]
    public void Grouped_heads_that_are_equal_are_multi_head_attention()
    {
        var config = new LlamaConfig { VocabSize = 40, ContextLength = 16, LayerCount = 2, HiddenSize = 32, HeadCount = 4, KvHeadCount = 2 };
        var grouped = (LlamaModel)config.Build(new Weights(new InitialWeights(5), Device.Cpu));
        var full = (LlamaModel)(config with { KvHeadCount = 0 }).Build(new Weights(new InitialWeights(5), Device.Cpu));
        foreach (var weight in full.Parameters)
        {
            var source = grouped.Parameters.Single(other => other.Name == weight.Name).Value.ToArray<float>();
            if (weight.Name.Contains("k_proj", StringComparison.Ordinal) || weight.Name.Contains("v_proj", StringComparison.Ordinal))
                source = [.. Enumerable.Range(0, 4).SelectMany(head => source[(head / 2 * 8 * 32)..((head / 2 + 1) * 8 * 32)])];
            weight.Value.CopyFrom(Tensor.From(source, weight.Shape, Device.Cpu));
        }
        Golden.Close([.. DecoderGoldenTests.Logits(full, Row).Select(x => (double)x)], DecoderGoldenTests.Logits(grouped, Row), 1e-6);
    }

    [Fact]
    public void A_window_as_long_as_the_sequence_is_none()
    {
        var config = new MistralConfig { VocabSize = 40, ContextLength = 16, LayerCount = 2, HiddenSize = 32, HeadCount = 4 };
        float[] With(int window) => DecoderGoldenTests.Logits((config with { Window = window }).Build(new Weights(new InitialWeights(5), Device.Cpu)), Row);
        Assert.Equal(Bits(With(0)), Bits(With(Row.Length)));
        Assert.NotEqual(Bits(With(0)), Bits(With(Row.Length - 1)));
    }

    [Fact]
    public void One_expert_is_a_dense_layer()
    {
        var dense = new LlamaConfig { VocabSize = 40, ContextLength = 16, LayerCount = 2, HiddenSize = 32, HeadCount = 4, IntermediateSize = 24 }.Build(new Weights(new InitialWeights(5), Device.Cpu));
        var mixture = new MixtralConfig { VocabSize = 40, ContextLength = 16, LayerCount = 2, HiddenSize = 32, HeadCount = 4, IntermediateSize = 24, ExpertCount = 1, TopExpertCount = 1 }.Build(new Weights(new InitialWeights(6), Device.Cpu));
        foreach (var weight in mixture.Parameters.Where(weight => !weight.Name.EndsWith("gate.weight", StringComparison.Ordinal)))
        {
            var name = weight.Name.Replace("block_sparse_moe.experts.0.w1", "mlp.gate_proj", StringComparison.Ordinal).Replace("block_sparse_moe.experts.0.w2", "mlp.down_proj", StringComparison.Ordinal)
                .Replace("block_sparse_moe.experts.0.w3", "mlp.up_proj", StringComparison.Ordinal);
            weight.Value.CopyFrom(dense.Parameters.Single(other => other.Name == name).Value);
        }
        Golden.Close([.. DecoderGoldenTests.Logits(dense, Row).Select(x => (double)x)], DecoderGoldenTests.Logits(mixture, Row), 1e-6);
    }

    [Fact]
    public void Equal_shares_of_experts_have_the_least_load_loss()
    {
        var balance = new ExpertBalance();
        var logits = Tensor.From((float[])[2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2], [4, 4], Device.Cpu);
        balance.Add(logits, logits.Softmax(), new TopExperts(1).Assign(logits.Softmax()));
        Assert.Equal(1, balance.LoadLoss().ToScalar(), 1e-6);
        Assert.Equal(Math.Pow(Math.Log(Math.Exp(2) + 3), 2), balance.LogitLoss().ToScalar(), 1e-5);
        var crowded = new ExpertBalance();
        var one = Tensor.From((float[])[2, 0, 0, 0, 2, 0, 0, 0], [2, 4], Device.Cpu);
        crowded.Add(one, one.Softmax(), new TopExperts(1).Assign(one.Softmax()));
        Assert.Equal(4 * Math.Exp(2) / (Math.Exp(2) + 3), crowded.LoadLoss().ToScalar(), 1e-5);
    }

    private static uint[] Bits(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), BitConverter.SingleToUInt32Bits);

    private sealed class Sites : IObserver
    {
        public HashSet<(Site, int)> Seen { get; } = [];

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            Seen.Add((site, layer));
            return value;
        }
    }
}
