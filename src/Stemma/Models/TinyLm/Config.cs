using Stemma.Layers;

namespace Stemma.Models.TinyLm;

/// <summary>The sizes of the tutorials' tiny Transformer: a decoder in the manner of 2017, small enough to be read in one sitting.</summary>
public sealed record TinyLmConfig : ModelConfig
{
    /// <summary>The tutorial's sizes.</summary>
    public TinyLmConfig() => ContextLength = 64;

    /// <summary>Blocks (n_layers).</summary>
    public int LayerCount { get; init; } = 2;

    /// <summary>Attention heads per block (n_heads); divides <see cref="HiddenSize"/>.</summary>
    public int HeadCount { get; init; } = 4;

    /// <summary>Channels (d_model).</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>Channels inside the feed-forward layer (d_ff).</summary>
    public int IntermediateSize { get; init; } = 512;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(IntermediateSize, "model.intermediate_size");
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new TinyLmModel(this, weights);
}
