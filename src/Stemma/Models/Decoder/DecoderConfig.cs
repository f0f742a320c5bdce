using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models;

/// <summary>What all decoder-only Transformers of parts have.</summary>
public abstract record DecoderConfig : ModelConfig
{
    /// <summary>Blocks.</summary>
    public int LayerCount { get; init; } = 4;

    /// <summary>Attention heads per block.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>Channels of the residual stream.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>Channels inside the feed-forward layer; 0 for four times <see cref="HiddenSize"/>.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Probability with which what a part adds to the residual stream is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Probability with which an attention weight is dropped while training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Probability with which an embedding is dropped while training.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>ε of the norms.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Standard deviation of the initial weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the output projection is the token embedding.</summary>
    public bool TiesEmbeddings { get; init; }

    /// <summary>The feed-forward size in force.</summary>
    [JsonIgnore]
    internal int FeedForwardSize => IntermediateSize > 0 ? IntermediateSize : 4 * HiddenSize;

    /// <summary>How matrices begin.</summary>
    [JsonIgnore]
    internal Initializer Normal => new Initializer.Normal(InitializerRange);

    /// <summary>How matrices begin that add to the residual stream: smaller, for there are twice as many as blocks (Radford et al. 2019, section 2.3).</summary>
    [JsonIgnore]
    internal Initializer Residual => new Initializer.Normal(InitializerRange / Math.Sqrt(2 * LayerCount));

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        if (IntermediateSize < 0) throw new ConfigurationException($"model.intermediate_size is {IntermediateSize}; give a positive size, or 0 for four times model.hidden_size.");
        Check.Probability(Dropout, "model.dropout");
        Check.Probability(AttentionDropout, "model.attention_dropout");
        Check.Probability(EmbeddingDropout, "model.embedding_dropout");
        Check.Positive(NormEpsilon, "model.norm_epsilon");
        Check.NotNegative(InitializerRange, "model.initializer_range");
    }

    /// <summary>Throws where heads do not divide the hidden size.</summary>
    private protected void RequireDivision()
    {
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
    }
}
