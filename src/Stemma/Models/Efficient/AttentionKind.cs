using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Efficient;

/// <summary>How the rows of a decoder read each other.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FullAttentionKind), "full")]
[JsonDerivedType(typeof(WindowAttentionKind), "window")]
[JsonDerivedType(typeof(SparseAttentionKind), "sparse")]
[JsonDerivedType(typeof(LinearAttentionKind), "linear")]
[JsonDerivedType(typeof(FavorAttentionKind), "favor")]
[JsonDerivedType(typeof(LshAttentionKind), "lsh")]
[JsonDerivedType(typeof(LatentAttentionKind), "latent")]
public abstract record AttentionKind
{
    /// <summary>The attention of a layer.</summary>
    /// <param name="config">Sizes, positions, how weights begin.</param>
    /// <param name="scope">Of its weights.</param>
    /// <param name="parts">What every layer has.</param>
    /// <param name="layer">Its number.</param>
    internal abstract SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer);

    /// <summary>Throws when a field is out of range or contradicts the model's.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <param name="config">The model's fields.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    internal virtual void Validate(string path, EfficientConfig config)
    {
    }

    /// <summary>Llama's projections and rotation, and what is given.</summary>
    private protected static SelfAttention Projected(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer) =>
        LlamaModel.Attention(config, scope, parts with { Rotary = config.Rotary() }, layer, inputBias: false, outputBias: false);

    /// <summary>Throws where weights would be dropped that nobody computes.</summary>
    private protected static void RequireNoWeightDropout(string path, EfficientConfig config)
    {
        if (config.AttentionDropout > 0) throw new ConfigurationException($"model.attention_dropout is {config.AttentionDropout}; this kind of {path} has no weights to drop. Set it to 0, or use model.dropout.");
    }
}

/// <summary>Every position sees all before it. Vaswani et al. 2017, arXiv:1706.03762.</summary>
public sealed record FullAttentionKind : AttentionKind
{
    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer) => Projected(config, scope, parts, layer);
}

/// <summary>Every position sees a number of positions. Beltagy et al. 2020, arXiv:2004.05150, section 3.1; Jiang et al. 2023, arXiv:2310.06825.</summary>
public sealed record WindowAttentionKind : AttentionKind
{
    /// <summary>Positions that a query sees, itself included.</summary>
    public int Size { get; init; } = 256;

    /// <inheritdoc/>
    internal override void Validate(string path, EfficientConfig config) => Check.Positive(Size, $"{path}.size");

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer) =>
        Projected(config, scope, parts with { Window = LlamaModel.WindowOf(Size) }, layer);
}

/// <summary>Blocks of positions see some of the blocks before them. Child et al. 2019, arXiv:1904.10509, and what followed.</summary>
public sealed record SparseAttentionKind : AttentionKind
{
    /// <summary>Which.</summary>
    public AttentionPattern Pattern { get; init; } = new StridedPattern();

    /// <inheritdoc/>
    internal override void Validate(string path, EfficientConfig config)
    {
        if (Pattern is null) throw new ConfigurationException($"{path}.pattern is null; leave it out, or give it a kind.");
        Pattern.Validate($"{path}.pattern");
    }

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer) =>
        Projected(config, scope, parts with { Pattern = Pattern.For(parts.Window) }, layer);
}
