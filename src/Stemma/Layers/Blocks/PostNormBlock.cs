using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A block that normalises after each addition: x ← norm(x + part(x)). Vaswani et al. 2017, arXiv:1706.03762, section 3.1.</summary>
/// <param name="layer">The block's number.</param>
/// <param name="weights">Every weight of the parts.</param>
public sealed class PostNormBlock(int layer, IReadOnlyList<Parameter> weights) : AttentionBlock(layer, weights)
{
    private readonly int _layer = layer;

    /// <summary>After attention.</summary>
    public required LayerNorm AttentionNorm { get; init; }

    /// <summary>After attention to the source.</summary>
    public LayerNorm? SourceNorm { get; init; }

    /// <summary>After the feed-forward layer.</summary>
    public required LayerNorm FeedForwardNorm { get; init; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, ScoreDescription? scores, in Pass pass)
    {
        x = AttentionNorm.ForResidual(Attention.AddTo(x, x, pass, scores));
        if (SourceAttention is not null) x = SourceNorm!.ForResidual(SourceAttention.AddTo(x, x, source!, pass));
        x = pass.Observe(Site.ResidualMid, _layer, x);
        return FeedForwardNorm.ForResidual(FeedForward.AddTo(x, x, pass));
    }
}
