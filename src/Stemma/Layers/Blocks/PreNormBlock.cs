using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A block that normalises what each part reads: x ← x + part(norm(x)), so that gradients have a way past all parts. Xiong et al. 2020, arXiv:2002.04745.</summary>
/// <param name="layer">The block's number.</param>
/// <param name="weights">Every weight of the parts.</param>
public sealed class PreNormBlock(int layer, IReadOnlyList<Parameter> weights) : AttentionBlock(layer, weights)
{
    private readonly int _layer = layer;

    /// <summary>Before attention.</summary>
    public required Norm AttentionNorm { get; init; }

    /// <summary>Before attention to the source.</summary>
    public Norm? SourceNorm { get; init; }

    /// <summary>Before the feed-forward layer.</summary>
    public required Norm FeedForwardNorm { get; init; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, ScoreDescription? scores, in Pass pass)
    {
        x = Attention.AddTo(x, AttentionNorm.Forward(x), pass, scores);
        if (SourceAttention is not null) x = SourceAttention.AddTo(x, SourceNorm!.Forward(x), source!, pass);
        x = pass.Observe(Site.ResidualMid, _layer, x);
        return FeedForward.AddTo(x, FeedForwardNorm.Forward(x), pass);
    }
}
