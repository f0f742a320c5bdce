using Stemma.Layers;

namespace Stemma.Models.Gpt2;

/// <summary>The sizes of a GPT-2. Radford et al. 2019, "Language models are unsupervised multitask learners".</summary>
public sealed record Gpt2Config : ModelConfig
{
    /// <summary>Blocks.</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Attention heads per block; divides <see cref="HiddenSize"/>.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>Channels of the residual stream (n_embd).</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Channels inside the feed-forward layer (n_inner); 0 for four times <see cref="HiddenSize"/>.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Probability with which an embedding, a residual contribution or an attention weight is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>ε of LayerNorm.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Standard deviation of the initial weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>4 layers, 4 heads, 128 channels, context 64: nanoGPT's Shakespeare setting for a processor.</summary>
    public static Gpt2Config Tiny { get; } = new() { LayerCount = 4, HeadCount = 4, HiddenSize = 128, ContextLength = 64 };

    /// <summary>6 layers, 6 heads, 384 channels, context 256, dropout 0.2: nanoGPT's Shakespeare setting for one GPU.</summary>
    public static Gpt2Config Baby { get; } = new() { LayerCount = 6, HeadCount = 6, HiddenSize = 384, ContextLength = 256, Dropout = 0.2 };

    /// <summary>12 layers, 12 heads, 768 channels, context 1,024: GPT-2 124M.</summary>
    public static Gpt2Config Small { get; } = new();

    /// <summary>The feed-forward size in force.</summary>
    internal int FeedForwardSize => IntermediateSize > 0 ? IntermediateSize : 4 * HiddenSize;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        Check.Positive(LayerCount, "model.layer_count");
        Check.Positive(HeadCount, "model.head_count");
        Check.Positive(HiddenSize, "model.hidden_size");
        if (IntermediateSize < 0) throw new ConfigurationException($"model.intermediate_size is {IntermediateSize}; give a positive size, or 0 for four times model.hidden_size.");
        if (HiddenSize % HeadCount != 0) throw new ConfigurationException($"model.hidden_size {HiddenSize} does not divide into model.head_count {HeadCount} heads. Choose sizes that divide.");
        Check.Probability(Dropout, "model.dropout");
        if (!(NormEpsilon > 0)) throw new ConfigurationException($"model.norm_epsilon is {NormEpsilon}; it must be positive.");
        if (!(InitializerRange >= 0)) throw new ConfigurationException($"model.initializer_range is {InitializerRange}; it must not be negative.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new Gpt2Model(this, weights);
}
