using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>norm(x + attention(x)), then the same with the feed-forward part: the first Transformer's. Vaswani et al. 2017, arXiv:1706.03762, section 3.1.</summary>
public sealed class PostNormDecoderBlock(SelfAttention attention, Norm attentionNorm, FeedForward feedForward, Norm feedForwardNorm, int layer) : Block(layer)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, in Pass pass)
    {
        x = pass.Observe(Site.ResidualMid, Layer, attentionNorm.Forward(attention.AddTo(x, x, pass)));
        return feedForwardNorm.Forward(feedForward.AddTo(x, x, pass));
    }
}
