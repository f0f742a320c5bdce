using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.Efficient;

/// <summary>What layers add to, and what training keeps of it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PlainResidualKind), "plain")]
[JsonDerivedType(typeof(ReversibleResidualKind), "reversible")]
public abstract record ResidualKind
{
    /// <summary>The blocks of a model.</summary>
    /// <param name="config">How many layers.</param>
    /// <param name="weights">Of all layers, each in a scope of its number.</param>
    /// <param name="build">The parts of a layer.</param>
    internal abstract Block[] Build(EfficientConfig config, IWeights weights, Func<int, IWeights, ReversibleParts> build);
}

/// <summary>One stream, to which each part adds; training keeps what each layer's gradient needs.</summary>
public sealed record PlainResidualKind : ResidualKind
{
    /// <inheritdoc/>
    internal override Block[] Build(EfficientConfig config, IWeights weights, Func<int, IWeights, ReversibleParts> build) => DecoderModel.BuildBlocks(config, weights, (layer, scope) =>
    {
        var parts = build(layer, scope);
        return new PreNormDecoderBlock(parts.AttentionNorm, parts.Attention, parts.FeedForwardNorm, parts.FeedForward, layer);
    });
}

/// <summary>Two streams that change each other; training keeps the last layer's alone. Gomez et al. 2017, arXiv:1707.04585; Kitaev et al. 2020, arXiv:2001.04451, section 3.</summary>
public sealed record ReversibleResidualKind : ResidualKind
{
    /// <inheritdoc/>
    internal override Block[] Build(EfficientConfig config, IWeights weights, Func<int, IWeights, ReversibleParts> build)
    {
        var first = weights.All.Count;
        var stack = new ReversibleStack([.. Enumerable.Range(0, config.LayerCount).Select(layer => build(layer, weights[$"{layer}"]))]);
        stack.Weights = [.. weights.All.Skip(first).Select(weight => weight.Value)];
        return [stack];
    }
}
