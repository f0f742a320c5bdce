using Stemma.Models;
using Stemma.Models.Composed;
using Stemma.Models.Gpt2;
using Stemma.Models.NeuralNGram;
using Stemma.Models.Recurrent;
using Stemma.Models.TinyLm;

namespace Stemma.Cli.Training;

/// <summary>A model's shape in a few words.</summary>
internal static class ModelDescription
{
    /// <summary>"GPT-2 style, 4 layers × 4 heads × 256, context 128".</summary>
    public static string Of(ModelConfig config) => config switch
    {
        TinyLmConfig tiny => $"tiny Transformer, {tiny.LayerCount} layers × {tiny.HeadCount} heads × {tiny.HiddenSize}, context {tiny.ContextLength:N0}",
        Gpt2Config gpt2 => $"GPT-2 style, {gpt2.LayerCount} layers × {gpt2.HeadCount} heads × {gpt2.HiddenSize}, context {gpt2.ContextLength:N0}",
        NeuralNGramConfig ngram => $"neural {ngram.Order}-gram, {ngram.EmbeddingSize} channels, {ngram.HiddenSize} hidden units",
        RecurrentConfig recurrent => $"{Name(recurrent)}, {recurrent.LayerCount} {(recurrent.LayerCount == 1 ? "layer" : "layers")} × {recurrent.HiddenSize}, windows of {recurrent.ContextLength:N0}",
        ComposedConfig chosen => $"decoder of chosen parts, {Sizes(chosen)}",
        DecoderConfig family => $"{Family(family)} style, {Sizes(family)}",
        _ => $"{Family(config)}, context {config.ContextLength:N0}",
    };

    private static string Family(ModelConfig config) => config.GetType().Name[..^"Config".Length];

    private static string Sizes(DecoderConfig config) => $"{config.LayerCount} layers × {config.HeadCount} heads × {config.HiddenSize}, context {config.ContextLength:N0}";

    private static string Name(RecurrentConfig config) => config switch
    {
        RnnConfig => "RNN",
        GruConfig => "GRU",
        PeepholeLstmConfig => "LSTM with peepholes",
        _ => "LSTM",
    };
}
