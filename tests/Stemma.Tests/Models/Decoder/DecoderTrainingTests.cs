using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Bloom;
using Stemma.Models.Checkpoints;
using Stemma.Models.Falcon;
using Stemma.Models.Gemma;
using Stemma.Models.GptJ;
using Stemma.Models.GptNeo;
using Stemma.Models.GptNeoX;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Models.Mpt;
using Stemma.Models.Opt;
using Stemma.Models.Phi;
using Stemma.Models.Qwen2;
using Stemma.Models.StableLm;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.Decoder;

/// <summary>Every family trains from scratch, with dropout, and its folder is one that loads again.</summary>
public sealed class DecoderTrainingTests
{
    private static readonly Dictionary<string, DecoderConfig> s_configs = ((DecoderConfig[])
    [
        new LlamaConfig { KvHeadCount = 2 }, new MistralConfig { Window = 4 }, new MixtralConfig { ExpertCount = 3, IntermediateSize = 16, LoadLossWeight = 0.01, LogitLossWeight = 0.001 }, new Qwen2Config(),
        new GemmaConfig { HeadSize = 6 }, new Gemma2Config { Window = 4 }, new PhiConfig { HeadNorms = true }, new Phi3Config(), new StableLmConfig { HeadNorms = true }, new GptNeoXConfig(), new GptJConfig { RotarySize = 4 },
        new GptNeoConfig { Window = 4 }, new OptConfig(), new BloomConfig(), new MptConfig { Clip = 6, MaxBias = 16 }, new FalconConfig(),
    ]).ToDictionary(config => config.GetType().Name, config => config with { VocabSize = 20, ContextLength = 16, HiddenSize = 32, LayerCount = 2, Dropout = 0.05, AttentionDropout = 0.05 });

    public static TheoryData<string> Names => [.. s_configs.Keys];

    [Fact]
    public void Every_family_is_tried() => Assert.Equal(HuggingFaceFamilies.All.Select(family => family.ConfigType.Name).Order(), s_configs.Keys.Order());

    [Theory, MemberData(nameof(Names))]
    public void Loss_falls_and_the_folder_loads_again(string name)
    {
        var model = s_configs[name].Build(new Weights(new InitialWeights(3), Device.Cpu));
        var optimizer = new AdamWConfig().Build(model.Parameters);
        int[] row = [1, 5, 2, 7, 3, 9, 4, 11, 6, 13, 8, 15];
        var losses = new List<double>();
        for (var step = 0; step < 25; step++)
        {
            using var tape = Tape.Start();
            var ids = DecoderGoldenTests.Ids(row, Device.Cpu);
            var loss = model.Loss(ids, DecoderGoldenTests.Ids([.. row.Skip(1), 1], Device.Cpu), new(Stemma.Numerics.Ops.SequenceLayout.Packed(row.Length), Dropout: new RandomStream(5).Fork((ulong)step)));
            losses.Add(loss.ToScalar());
            optimizer.Step(tape.Backward(loss), 0.01);
        }
        Assert.InRange(losses[^1], 0, losses[0] / 2);
        using var folder = new TemporaryFolder();
        ModelFolder.Save(folder.Path, model);
        Assert.Equal(DecoderGoldenTests.Logits(model, row), DecoderGoldenTests.Logits(ModelFolder.Load(folder.Path, Device.Cpu), row));
    }
}
