using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>How a decoder knows where a token stands.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoPositionsConfig), "none")]
[JsonDerivedType(typeof(SinusoidalPositionsConfig), "sinusoidal")]
[JsonDerivedType(typeof(LearnedPositionsConfig), "learned")]
[JsonDerivedType(typeof(RotaryPositionsConfig), "rotary")]
[JsonDerivedType(typeof(AlibiPositionsConfig), "alibi")]
[JsonDerivedType(typeof(BucketPositionsConfig), "buckets")]
public abstract record PositionsConfig
{
    /// <summary>Builds the parts.</summary>
    /// <param name="weights">A scope for their weights.</param>
    /// <param name="sizes">Of the model.</param>
    public abstract PositionParts Build(IWeights weights, PositionSizes sizes);

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <param name="headSize">Channels of a head.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path, int headSize)
    {
    }
}

/// <summary>What positions need to know of a model.</summary>
/// <param name="HiddenSize">Channels of the residual stream.</param>
/// <param name="HeadCount">Attention heads.</param>
/// <param name="HeadSize">Channels of a head.</param>
/// <param name="ContextLength">Positions.</param>
/// <param name="Initializer">How tables begin.</param>
public sealed record PositionSizes(int HiddenSize, int HeadCount, int HeadSize, int ContextLength, Initializer Initializer);

/// <summary>Where positions enter: what the input adds, what attention turns by, what attention adds to its scores; each is optional.</summary>
/// <param name="Embedding">Vectors that are added to those of the tokens.</param>
/// <param name="Rotary">Turns queries and keys.</param>
/// <param name="Bias">Adds to scores by distance.</param>
public sealed record PositionParts(PositionEmbedding? Embedding = null, Rotary? Rotary = null, PositionBias? Bias = null);

/// <summary>None: the causal mask alone tells places apart. Haviv et al. 2022, arXiv:2203.16634.</summary>
public sealed record NoPositionsConfig : PositionsConfig
{
    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes) => new();
}
