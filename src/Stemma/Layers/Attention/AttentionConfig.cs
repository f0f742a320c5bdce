using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>How the rows of a decoder read each other.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SoftmaxAttentionConfig), "softmax")]
[JsonDerivedType(typeof(LinearAttentionConfig), "linear")]
[JsonDerivedType(typeof(FavorAttentionConfig), "favor")]
[JsonDerivedType(typeof(LshAttentionConfig), "lsh")]
[JsonDerivedType(typeof(LatentAttentionConfig), "latent")]
public abstract record AttentionConfig
{
    /// <summary>Whether there are scores of all keys in view, which patterns hide and biases change.</summary>
    [JsonIgnore]
    public virtual bool HasScores => false;

    /// <summary>Whether every key in view has a weight, which dropout drops.</summary>
    [JsonIgnore]
    public virtual bool HasWeights => HasScores;

    /// <summary>Whether a group of heads may share its keys and values.</summary>
    [JsonIgnore]
    public virtual bool SharesKeys => true;

    /// <summary>Channels of a head that turn with the position, where positions are rotary.</summary>
    /// <param name="headSize">Channels of a head.</param>
    public virtual int RotarySizeOf(int headSize) => headSize;

    /// <summary>Builds the attention of a block.</summary>
    /// <param name="scope">Of its weights.</param>
    /// <param name="sizes">Of the model.</param>
    /// <param name="parts">Positions, pattern and dropout.</param>
    /// <param name="layer">The block's number.</param>
    public abstract Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer);

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path)
    {
    }

    /// <summary>A projection each for queries, keys, values and outputs, named as in Llama.</summary>
    private protected static SelfAttention Projected(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer)
    {
        var input = new SeparateProjections(sizes.Query(scope, "q_proj"), sizes.Key(scope, "k_proj"), sizes.Key(scope, "v_proj"), sizes.HeadSize);
        return new(input, sizes.Output(scope), parts, layer);
    }
}

/// <summary>What an attention needs to know of a model.</summary>
/// <param name="HiddenSize">Channels of the residual stream.</param>
/// <param name="HeadCount">Heads.</param>
/// <param name="KeyHeadCount">Heads of keys and values.</param>
/// <param name="HeadSize">Channels of a head.</param>
/// <param name="Inner">How what reads the residual stream begins.</param>
/// <param name="Outer">How what adds to the residual stream begins.</param>
/// <param name="HasBias">Whether projections have biases.</param>
/// <param name="NormEpsilon">ε of norms within.</param>
public sealed record AttentionSizes(int HiddenSize, int HeadCount, int KeyHeadCount, int HeadSize, Initializer Inner, Initializer Outer, bool HasBias, double NormEpsilon)
{
    /// <summary>From the residual stream to all heads.</summary>
    internal Linear Query(IWeights scope, string name) => scope.Linear(name, HiddenSize, HeadCount * HeadSize, Inner, HasBias);

    /// <summary>From the residual stream to all key heads.</summary>
    internal Linear Key(IWeights scope, string name) => scope.Linear(name, HiddenSize, KeyHeadCount * HeadSize, Inner, HasBias);

    /// <summary>From all heads to the residual stream.</summary>
    internal Linear Output(IWeights scope) => scope.Linear("o_proj", HeadCount * HeadSize, HiddenSize, Outer, HasBias);
}
