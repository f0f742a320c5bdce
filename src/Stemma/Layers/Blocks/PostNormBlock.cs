using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>norm(x + attention(x)), then the same with the feed-forward part: the first Transformer's. Vaswani et al. 2017, arXiv:1706.03762, section 3.1.</summary>
/// <param name="attention">To the text itself.</param>
/// <param name="attentionNorm">After attention.</param>
/// <param name="feedForward">Row by row.</param>
/// <param name="feedForwardNorm">After the feed-forward part.</param>
/// <param name="layer">Its number.</param>
/// <param name="source">What reads a source; null where there is none.</param>
public sealed class PostNormBlock(Attention attention, Norm attentionNorm, FeedForward feedForward, Norm feedForwardNorm, int layer, SourcePart? source = null) : Block(layer, source)
{
    private readonly Norm? _sourceNorm = source?.Norm;

    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => attention.KeysPerQuery(length);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        x = pass.Observe(Site.ResidualMid, Layer, attentionNorm.ForResidual(attention.AddTo(x, x, pass, bias)));
        if (SourceAttention is not null) x = pass.Observe(Site.ResidualMidSource, Layer, _sourceNorm!.ForResidual(SourceAttention.AddTo(x, x, source!, pass)));
        return feedForwardNorm.ForResidual(feedForward.AddTo(x, x, pass));
    }
}
