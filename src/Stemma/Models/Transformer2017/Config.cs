using Stemma.Layers;

namespace Stemma.Models.Transformer2017;

/// <summary>The sizes of the original Transformer. Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762; the defaults are its base model's.</summary>
public sealed record Transformer2017Config : ConditionalModelConfig
{
    /// <summary>Blocks on either side (N).</summary>
    public int LayerCount { get; init; } = 6;

    /// <summary>Attention heads per block (h); divides <see cref="HiddenSize"/>.</summary>
    public int HeadCount { get; init; } = 8;

    /// <summary>Channels (d_model).</summary>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Channels inside the feed-forward layer (d_ff).</summary>
    public int IntermediateSize { get; init; } = 2048;

    /// <summary>Probability with which an element of what is added to the stream, and of an embedding, is dropped while training (P_drop).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Probability with which an attention weight is dropped while training; the paper drops none.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Whether sources and targets have one table of vectors, as in the paper (section 3.4); both sides then need the same tokens.</summary>
    public bool SharedEmbeddings { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(SourceVocabSize, "model.source_vocab_size");
        Check.Positive(TargetVocabSize, "model.target_vocab_size");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(IntermediateSize, "model.intermediate_size");
        Check.Probability(Dropout, "model.dropout");
        Check.Probability(AttentionDropout, "model.attention_dropout");
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
        if (SharedEmbeddings && SourceVocabSize != TargetVocabSize)
            throw new ConfigurationException($"model.shared_embeddings needs the same tokens on either side; model.source_vocab_size is {SourceVocabSize}, model.target_vocab_size {TargetVocabSize}.");
    }

    /// <inheritdoc/>
    public override ConditionalModel Build(IWeights weights) => new Transformer2017Model(this, weights);
}
