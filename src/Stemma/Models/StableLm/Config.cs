using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.StableLm;

/// <summary>Llama's blocks with LayerNorm and a part of each head turning. Bellagente et al. 2024, arXiv:2402.17834.</summary>
public sealed record StableLmConfig : RotaryDecoderConfig
{
    /// <summary>The part of a head's channels that turns.</summary>
    public double RotaryFraction { get; init; } = 0.25;

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether each head of queries and keys has a norm of its own.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Whether the feed-forward part reads what attention reads, instead of what attention leaves.</summary>
    public bool Parallel { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    [JsonIgnore]
    internal override int RotaryChannels => (int)(HeadChannels * RotaryFraction);

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new StableLmModel(this, weights);
}
