using Stemma.Layers;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Bart;

/// <summary>The sizes of a BART or an mBART.</summary>
public abstract record BartFamilyConfig : ConditionalModelConfig
{
    /// <summary>The most tokens of a source, and of a target: positions are learned.</summary>
    public int ContextLength { get; init; } = 1024;

    /// <summary>Blocks of the encoder.</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Blocks of the decoder.</summary>
    public int DecoderLayerCount { get; init; } = 12;

    /// <summary>Attention heads of the encoder's blocks.</summary>
    public int HeadCount { get; init; } = 16;

    /// <summary>Attention heads of the decoder's blocks.</summary>
    public int DecoderHeadCount { get; init; } = 16;

    /// <summary>Channels (d_model).</summary>
    public int HiddenSize { get; init; } = 1024;

    /// <summary>Channels inside the encoder's feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 4096;

    /// <summary>Channels inside the decoder's feed-forward layers.</summary>
    public int DecoderIntermediateSize { get; init; } = 4096;

    /// <summary>The function inside the feed-forward layers, as Hugging Face names it.</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Whether tokens' vectors are multiplied by the root of their size.</summary>
    public bool ScalesEmbeddings { get; init; }

    /// <summary>Whether the output projection is the table of the tokens' vectors.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Probability with which an embedding or what is added to the stream is dropped while training.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Probability with which an attention weight is dropped while training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Probability with which an element inside a feed-forward layer is dropped while training.</summary>
    public double ActivationDropout { get; init; }

    /// <summary>Standard deviation of the initial weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Fills up batches elsewhere.</summary>
    public int PadToken { get; init; } = 1;

    /// <summary>Begins a text.</summary>
    public int BeginToken { get; init; }

    /// <summary>Ends a text.</summary>
    public int EndToken { get; init; } = 2;

    /// <summary>What the decoder reads first; of mBART usually the target's language.</summary>
    public int StartToken { get; init; } = 2;

    /// <summary>Whether blocks normalise what their parts read, and the stream at the end, instead of after each addition.</summary>
    internal abstract bool NormsFirst { get; }

    internal abstract string Family { get; }

    internal abstract string ClassName { get; }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(SourceVocabSize, "model.source_vocab_size");
        if (SourceVocabSize != TargetVocabSize) throw new ConfigurationException($"model.source_vocab_size is {SourceVocabSize} and model.target_vocab_size {TargetVocabSize}; {ClassName.ToUpperInvariant()} has one table of vectors for both. Use one tokenizer.");
        Check.Positive(ContextLength, "model.context_length");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(DecoderLayerCount, "model.decoder_layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(DecoderHeadCount, "model.decoder_head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(IntermediateSize, "model.intermediate_size");
        Check.Positive(DecoderIntermediateSize, "model.decoder_intermediate_size");
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
        if (HiddenSize % DecoderHeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.decoder_head_count {DecoderHeadCount} heads. Choose sizes that divide.");
        if (ActivationName.Find(Activation) is null) throw new ConfigurationException($"model.activation is {Activation}; known are {ActivationName.Known}.");
        Check.Probability(Dropout, "model.dropout");
        Check.Probability(AttentionDropout, "model.attention_dropout");
        Check.Probability(ActivationDropout, "model.activation_dropout");
        Check.NotNegative(InitializerRange, "model.initializer_range");
    }

    /// <inheritdoc/>
    public override ConditionalModel Build(IWeights weights) => new BartModel(this, weights);
}

/// <summary>The sizes of a BART. Lewis et al. 2019, "BART: denoising sequence-to-sequence pre-training", arXiv:1910.13461; the defaults are its large model's.</summary>
public sealed record BartConfig : BartFamilyConfig
{
    internal override bool NormsFirst => false;

    internal override string Family => "bart";

    internal override string ClassName => "Bart";
}

/// <summary>The sizes of an mBART: BART of many languages, whose blocks normalise first. Liu et al. 2020, arXiv:2001.08210.</summary>
public sealed record MBartConfig : BartFamilyConfig
{
    internal override bool NormsFirst => true;

    internal override string Family => "mbart";

    internal override string ClassName => "MBart";
}
