using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.Phi;

/// <summary>Attention and feed-forward part in parallel behind one LayerNorm, with biases, and half of each head turning. Gunasekar et al. 2023, arXiv:2306.11644; Li et al. 2023, arXiv:2309.05463.</summary>
public sealed record PhiConfig : RotaryDecoderConfig
{
    /// <summary>The part of a head's channels that turns.</summary>
    public double RotaryFraction { get; init; } = 0.5;

    /// <summary>Whether queries and keys pass a LayerNorm each before they turn, one that all heads share.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.GeluTanh;

    /// <inheritdoc/>
    [JsonIgnore]
    internal override int RotaryChannels => (int)(HeadChannels * RotaryFraction);

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new PhiModel(this, weights);
}

/// <summary>Llama's blocks with one projection for queries, keys and values and one for gate and expansion. Abdin et al. 2024, arXiv:2404.14219.</summary>
public sealed record Phi3Config : RotaryDecoderConfig
{
    /// <summary>Positions that a query sees, itself included; 0 for all before it.</summary>
    public int Window { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotNegative(Window, "model.window");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new Phi3Model(this, weights);
}
