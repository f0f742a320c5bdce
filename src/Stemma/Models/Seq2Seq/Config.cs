using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Layers.Recurrent;

namespace Stemma.Models.Seq2Seq;

/// <summary>The sizes of a recurrent encoder–decoder. Sutskever et al. 2014, arXiv:1409.3215; Cho et al. 2014, arXiv:1406.1078.</summary>
public sealed record Seq2SeqConfig : ConditionalModelConfig
{
    /// <summary>Channels of a token's vector.</summary>
    public int EmbeddingSize { get; init; } = 256;

    /// <summary>Units of each decoder layer. The encoder reads from either end with half as many, so that what it leaves has this size.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>Recurrent layers on either side.</summary>
    public int LayerCount { get; init; } = 1;

    /// <summary>What the layers are made of.</summary>
    public RecurrentCellConfig Cell { get; init; } = new LstmCellConfig();

    /// <summary>How the decoder looks at the source.</summary>
    public Seq2SeqAttentionConfig Attention { get; init; } = new LuongAttentionConfig();

    /// <summary>Probability with which an element of token vectors, of what goes from layer to layer, and of what the output is made from is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(SourceVocabSize, "model.source_vocab_size");
        Check.Positive(TargetVocabSize, "model.target_vocab_size");
        Check.Positive(EmbeddingSize, "model.embedding_size");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Probability(Dropout, "model.dropout");
        if (HiddenSize % 2 != 0) throw new ConfigurationException($"model.hidden_size is {HiddenSize}; it must be even, since the encoder reads from either end with half of it.");
    }

    /// <inheritdoc/>
    public override ConditionalModel Build(IWeights weights) => new Seq2SeqModel(this, weights);
}

/// <summary>How a decoder looks at the source.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoAttentionConfig), "none")]
[JsonDerivedType(typeof(BahdanauAttentionConfig), "bahdanau")]
[JsonDerivedType(typeof(LuongAttentionConfig), "luong")]
public abstract record Seq2SeqAttentionConfig
{
    internal abstract Decoder Build(Seq2SeqConfig config, IWeights weights);
}

/// <summary>Not at all: all that the decoder knows of the source is the state it begins with, whatever the source's length. Sutskever et al. 2014.</summary>
public sealed record NoAttentionConfig : Seq2SeqAttentionConfig
{
    internal override Decoder Build(Seq2SeqConfig config, IWeights weights) => new PlainDecoder(config, weights);
}

/// <summary>Before each step, with the state so far; what was read is part of the step's input. Bahdanau et al. 2014, arXiv:1409.0473.</summary>
public sealed record BahdanauAttentionConfig : Seq2SeqAttentionConfig
{
    /// <summary>How well a source position answers the state.</summary>
    public AttentionScoreConfig Score { get; init; } = new AdditiveScoreConfig();

    internal override Decoder Build(Seq2SeqConfig config, IWeights weights) => new BahdanauDecoder(config, Score, weights);
}

/// <summary>After each step, with the new state; the recurrence does not depend on it, so that all steps of a target are one operation. Luong et al. 2015, arXiv:1508.04025, global attention without input feeding.</summary>
public sealed record LuongAttentionConfig : Seq2SeqAttentionConfig
{
    /// <summary>How well a source position answers the state.</summary>
    public AttentionScoreConfig Score { get; init; } = new GeneralScoreConfig();

    internal override Decoder Build(Seq2SeqConfig config, IWeights weights) => new LuongDecoder(config, Score, weights);
}
