using System.Text.Json.Serialization;

namespace Stemma.Models;

/// <summary>What decoders have whose heads may be wider or narrower than the residual stream divided by their number.</summary>
public abstract record WideHeadConfig : RotaryDecoderConfig
{
    /// <summary>Channels of a head; 0 for <see cref="DecoderConfig.HiddenSize"/> divided by <see cref="DecoderConfig.HeadCount"/>.</summary>
    public int HeadSize { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    internal override int HeadChannels => HeadSize > 0 ? HeadSize : HiddenSize / HeadCount;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.NotNegative(HeadSize, "model.head_size");
        Check.Positive(HeadCount, "model.head_count");
        if (HeadSize == 0) RequireDivision();
        base.Validate();
    }
}
