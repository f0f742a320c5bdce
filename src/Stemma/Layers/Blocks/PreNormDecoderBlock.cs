using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>x + attention(norm(x)), then the same with the feed-forward part: what is added passes unchanged to the end. Xiong et al. 2020, arXiv:2002.04745.</summary>
public sealed class PreNormDecoderBlock(Norm attentionNorm, SelfAttention attention, Norm feedForwardNorm, FeedForward feedForward, int layer) : Block(layer)
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, in Pass pass)
    {
        x = pass.Observe(Site.ResidualMid, Layer, attention.AddTo(x, attentionNorm.Forward(x), pass));
        return feedForward.AddTo(x, feedForwardNorm.Forward(x), pass);
    }
}
