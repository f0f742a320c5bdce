using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>norm(x) + attention(norm(x)), then the same with the feed-forward part: the residual too comes from behind the norm (BLOOM's apply_residual_connection_post_layernorm).</summary>
public sealed class NormResidualBlock(Norm attentionNorm, Attention attention, Norm feedForwardNorm, FeedForward feedForward, int layer) : Block(layer)
{
    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => attention.KeysPerQuery(length);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        var normed = attentionNorm.Forward(x);
        normed = feedForwardNorm.Forward(pass.Observe(Site.ResidualMid, Layer, attention.AddTo(normed, normed, pass, bias)));
        return feedForward.AddTo(normed, normed, pass);
    }
}
