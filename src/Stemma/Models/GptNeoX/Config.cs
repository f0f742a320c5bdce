using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.GptNeoX;

/// <summary>Attention and feed-forward part in parallel, each behind a LayerNorm, and a part of each head turning. Black et al. 2022, arXiv:2204.06745; Biderman et al. 2023 (Pythia), arXiv:2304.01373.</summary>
public sealed record GptNeoXConfig : RotaryDecoderConfig
{
    /// <summary>The part of a head's channels that turns.</summary>
    public double RotaryFraction { get; init; } = 0.25;

    /// <summary>Whether the feed-forward part reads what attention reads, instead of what attention leaves.</summary>
    public bool Parallel { get; init; } = true;

    /// <summary>Whether attention's projections have biases.</summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    internal override int RotaryChannels => (int)(HeadChannels * RotaryFraction);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (KeyHeads != HeadCount) throw new ConfigurationException($"model.kv_head_count is {KvHeadCount}; a GPT-NeoX has a key head for each head: 0 or {HeadCount}.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new GptNeoXModel(this, weights);
}
