using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>The feed-forward part of a decoder's blocks.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MlpConfig), "mlp")]
[JsonDerivedType(typeof(GatedMlpConfig), "gated")]
[JsonDerivedType(typeof(MixtureOfExpertsConfig), "experts")]
public abstract record FeedForwardConfig
{
    /// <summary>What routers add to the loss; null where there are none.</summary>
    [JsonIgnore]
    public virtual RouterLosses? RouterLosses => null;

    /// <summary>Builds the part of a block.</summary>
    /// <param name="block">The block's scope.</param>
    /// <param name="sizes">Of the model.</param>
    /// <param name="layer">The block's number.</param>
    public abstract FeedForward Build(IWeights block, FeedForwardSizes sizes, int layer);

    /// <summary>Weights of a block that a token does not meet.</summary>
    /// <param name="sizes">Of the model.</param>
    public virtual long IdleWeightCount(FeedForwardSizes sizes) => 0;

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path)
    {
    }
}

/// <summary>What a feed-forward part needs to know of a model.</summary>
/// <param name="HiddenSize">Channels of the residual stream.</param>
/// <param name="IntermediateSize">Channels inside; of a mixture, inside each expert.</param>
/// <param name="Inner">How what reads the residual stream begins.</param>
/// <param name="Outer">How what adds to the residual stream begins.</param>
/// <param name="HasBias">Whether projections have biases.</param>
/// <param name="Dropout">Probability with which an output is dropped while training.</param>
public sealed record FeedForwardSizes(int HiddenSize, int IntermediateSize, Initializer Inner, Initializer Outer, bool HasBias, double Dropout);
