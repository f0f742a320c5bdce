using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Models.Transformer2017;

namespace Stemma.Cli.Training;

/// <summary>An encoder–decoder in a line.</summary>
internal static class PairDescription
{
    public static string Of(ConditionalModelConfig config) => config switch
    {
        Seq2SeqConfig model => $"{(model.Cell is GruCellConfig ? "GRU" : "LSTM")} encoder–decoder, {model.LayerCount} × {model.HiddenSize}, {Attention(model.Attention)}",
        Transformer2017Config model => $"Transformer of 2017, {model.LayerCount} + {model.LayerCount} layers × {model.HeadCount} heads × {model.HiddenSize}, {model.IntermediateSize} inside",
        _ => config.GetType().Name,
    };

    private static string Attention(Seq2SeqAttentionConfig attention) => attention switch
    {
        BahdanauAttentionConfig bahdanau => $"Bahdanau attention ({Score(bahdanau.Score)})",
        LuongAttentionConfig luong => $"Luong attention ({Score(luong.Score)})",
        _ => "no attention",
    };

    private static string Score(AttentionScoreConfig score) => score switch
    {
        DotScoreConfig => "dot",
        ScaledDotScoreConfig => "scaled dot",
        GeneralScoreConfig => "general",
        ConcatScoreConfig => "concat",
        _ => "additive",
    };
}
