using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>What decoders with grouped heads and rotary positions have.</summary>
public abstract record RotaryDecoderConfig : DecoderConfig
{
    /// <summary>Heads of keys and values, each for a group of heads; 0 for as many as <see cref="DecoderConfig.HeadCount"/>.</summary>
    public int KvHeadCount { get; init; }

    /// <summary>The base of the rotary angles.</summary>
    public double RotaryTheta { get; init; } = 10000;

    /// <summary>How the rotary angles reach beyond the trained length.</summary>
    public RotaryScaling RotaryScaling { get; init; } = new NoRotaryScaling();

    /// <summary>Key heads in force.</summary>
    [JsonIgnore]
    internal int KeyHeads => KvHeadCount > 0 ? KvHeadCount : HeadCount;

    /// <summary>Channels of a head.</summary>
    [JsonIgnore]
    internal virtual int HeadChannels => HiddenSize / HeadCount;

    /// <summary>Channels of a head that turn.</summary>
    [JsonIgnore]
    internal virtual int RotaryChannels => HeadChannels;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (this is not WideHeadConfig) RequireDivision();
        Check.NotNegative(KvHeadCount, "model.kv_head_count");
        if (HeadCount % KeyHeads != 0) throw new ConfigurationException($"model.head_count {HeadCount} does not divide into groups for model.kv_head_count {KeyHeads} key heads. Choose counts that divide.");
        if (!(RotaryTheta > 1)) throw new ConfigurationException($"model.rotary_theta is {RotaryTheta}; it must be greater than 1.");
        if (RotaryChannels is < 2 || RotaryChannels % 2 != 0 || RotaryChannels > HeadChannels)
            throw new ConfigurationException($"Of a head's {HeadChannels} channels {RotaryChannels} would turn; rotary positions turn pairs: an even number of at least 2 and at most a head's channels. Choose another model.hidden_size, or another part of it to turn.");
        RotaryScaling.Validate("model.rotary_scaling", RotaryChannels);
    }

    /// <summary>The rotation that all blocks share.</summary>
    internal Rotary Rotary(RotaryPairing pairing = RotaryPairing.Halves) => new(RotaryChannels, RotaryTheta, pairing, RotaryScaling, ContextLength);
}
