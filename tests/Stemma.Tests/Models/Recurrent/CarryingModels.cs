using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.NeuralNGram;
using Stemma.Models.Recurrent;
using Stemma.Numerics;

namespace Stemma.Tests.Models.Recurrent;

/// <summary>One small model of each kind that carries a state.</summary>
internal static class CarryingModels
{
    public static Dictionary<string, ModelConfig> All { get; } = new()
    {
        ["rnn"] = new RnnConfig { HiddenSize = 12, InitializerRange = 0.4, ContextLength = 6 },
        ["gru"] = new GruConfig { HiddenSize = 12, EmbeddingSize = 7, InitializerRange = 0.4, ContextLength = 6, Dropout = new LayerDropout { Probability = 0.2 } },
        ["lstm"] = new LstmConfig { HiddenSize = 12, InitializerRange = 0.4, ContextLength = 6, Dropout = new LayerDropout { Probability = 0.2 } },
        ["peephole-lstm"] = new PeepholeLstmConfig { HiddenSize = 12, LayerCount = 1, InitializerRange = 0.4, ContextLength = 6, Dropout = new VariationalDropout() },
        ["neural-ngram"] = new NeuralNGramConfig { HiddenSize = 12, Order = 4, EmbeddingSize = 6, InitializerRange = 0.4, ContextLength = 6, Dropout = 0.1 },
    };

    public static CarryingLanguageModel Build(string kind, int vocabSize) =>
        (CarryingLanguageModel)(All[kind] with { VocabSize = vocabSize }).Build(new Weights(new InitialWeights(11), Device.Cpu));

    public static int[] Tokens(ulong stream, int count, int vocabSize)
    {
        var random = new RandomStream(29, stream);
        return [.. Enumerable.Range(0, count).Select(i => (int)random.Below(vocabSize, (ulong)i))];
    }
}
