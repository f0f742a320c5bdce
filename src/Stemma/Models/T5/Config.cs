using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Numerics.Ops;

namespace Stemma.Models.T5;

/// <summary>The sizes of a T5. Raffel et al. 2019, "Exploring the limits of transfer learning with a unified text-to-text transformer", arXiv:1910.10683; the defaults are those of its small model, version 1.0.</summary>
public sealed record T5Config : ConditionalModelConfig
{
    /// <summary>Blocks of the encoder.</summary>
    public int LayerCount { get; init; } = 6;

    /// <summary>Blocks of the decoder.</summary>
    public int DecoderLayerCount { get; init; } = 6;

    /// <summary>Attention heads per block.</summary>
    public int HeadCount { get; init; } = 8;

    /// <summary>Channels of the stream (d_model).</summary>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Channels of a head (d_kv); heads · channels need not be <see cref="HiddenSize"/>.</summary>
    public int HeadSize { get; init; } = 64;

    /// <summary>Channels inside the feed-forward layer (d_ff).</summary>
    public int IntermediateSize { get; init; } = 2048;

    /// <summary>Buckets of distances.</summary>
    public int BucketCount { get; init; } = 32;

    /// <summary>The distance from which on the last bucket serves.</summary>
    public int MaxDistance { get; init; } = 128;

    /// <summary>The feed-forward layer as Hugging Face names it: relu in version 1.0, gated-gelu in 1.1 (whose GELU is the tanh one), or another activation with or without gated-.</summary>
    public string FeedForward { get; init; } = "relu";

    /// <summary>Whether the output projection is the table of the tokens' vectors, as in version 1.0; hidden states are then divided by the root of their size.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Probability with which an element is dropped while training: of embeddings, of attention weights, within and after the parts, and at the end.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>ε of the norms.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Multiplies the spread of the initial weights.</summary>
    public double InitializerFactor { get; init; } = 1;

    /// <summary>Fills up batches elsewhere.</summary>
    public int PadToken { get; init; }

    /// <summary>Ends sources and targets.</summary>
    public int EndToken { get; init; } = 1;

    /// <summary>What the decoder reads first.</summary>
    public int StartToken { get; init; }

    internal bool IsGated => FeedForward.StartsWith("gated-", StringComparison.Ordinal);

    /// <summary>The activation's name; "gated-gelu" has meant the tanh GELU ever since version 1.1.</summary>
    internal string ActivationText => FeedForward == "gated-gelu" ? "gelu_new" : IsGated ? FeedForward["gated-".Length..] : FeedForward;

    internal Activation Activation => ActivationName.Find(ActivationText)!.Value.Function();

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(SourceVocabSize, "model.source_vocab_size");
        if (SourceVocabSize != TargetVocabSize) throw new ConfigurationException($"model.source_vocab_size is {SourceVocabSize} and model.target_vocab_size {TargetVocabSize}; T5 has one table of vectors for both. Use one tokenizer.");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(DecoderLayerCount, "model.decoder_layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(HeadSize, "model.head_size");
        Check.Positive(IntermediateSize, "model.intermediate_size");
        if (BucketCount < 4) throw new ConfigurationException($"model.bucket_count is {BucketCount}; it must be at least 4, a pair for either direction.");
        if (MaxDistance <= BucketCount / 2) throw new ConfigurationException($"model.max_distance is {MaxDistance}; it must be more than half of model.bucket_count, {BucketCount / 2}, which have a bucket each.");
        if (ActivationName.Find(ActivationText) is null) throw new ConfigurationException($"model.feed_forward is {FeedForward}; known are {ActivationName.Known}, each with or without gated- before it.");
        Check.Probability(Dropout, "model.dropout");
        if (!(NormEpsilon > 0)) throw new ConfigurationException($"model.norm_epsilon is {NormEpsilon}; it must be positive.");
        Check.NotNegative(InitializerFactor, "model.initializer_factor");
    }

    /// <inheritdoc/>
    public override ConditionalModel Build(IWeights weights) => new T5Model(this, weights);
}
