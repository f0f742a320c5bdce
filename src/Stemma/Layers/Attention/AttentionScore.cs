using System.Text.Json.Serialization;
using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>How well a key answers a query: one number for each pair. What attention takes the softmax of.</summary>
public abstract class AttentionScore
{
    /// <summary>What of the work concerns the keys alone, done once however many queries come.</summary>
    /// <param name="keys">[.., key size].</param>
    /// <returns>[.., any size], which <see cref="Forward"/> takes.</returns>
    public virtual Tensor Prepare(Tensor keys) => keys;

    /// <summary>The scores.</summary>
    /// <param name="queries">[batch, queries, query size].</param>
    /// <param name="keys">[batch, keys, ..] as <see cref="Prepare"/> made them.</param>
    /// <returns>[batch, queries, keys].</returns>
    public abstract Tensor Forward(Tensor queries, Tensor keys);
}

/// <summary>How well a source position answers a query.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DotScoreConfig), "dot")]
[JsonDerivedType(typeof(ScaledDotScoreConfig), "scaled-dot")]
[JsonDerivedType(typeof(GeneralScoreConfig), "general")]
[JsonDerivedType(typeof(ConcatScoreConfig), "concat")]
[JsonDerivedType(typeof(AdditiveScoreConfig), "additive")]
public abstract record AttentionScoreConfig
{
    /// <summary>The score between queries and keys of these sizes.</summary>
    /// <exception cref="ConfigurationException">The sizes do not fit this score.</exception>
    public abstract AttentionScore Build(IWeights weights, int querySize, int keySize);
}
