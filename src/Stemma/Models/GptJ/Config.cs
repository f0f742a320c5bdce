using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.GptJ;

/// <summary>Attention and feed-forward part in parallel behind one LayerNorm; neighbouring channels turn together. Wang &amp; Komatsuzaki 2021, "GPT-J-6B".</summary>
public sealed record GptJConfig : RotaryDecoderConfig
{
    /// <summary>Channels of a head that turn; 0 for all.</summary>
    public int RotarySize { get; init; }

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.GeluTanh;

    /// <inheritdoc/>
    [JsonIgnore]
    internal override int RotaryChannels => RotarySize > 0 ? RotarySize : HeadChannels;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.NotNegative(RotarySize, "model.rotary_size");
        base.Validate();
        if (KeyHeads != HeadCount) throw new ConfigurationException($"model.kv_head_count is {KvHeadCount}; a GPT-J has a key head for each head: 0 or {HeadCount}.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new GptJModel(this, weights);
}
