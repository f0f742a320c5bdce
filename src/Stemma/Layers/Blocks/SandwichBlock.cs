using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A norm before each part and one after it, inside the residual: x + norm(attention(norm(x))). Ding et al. 2021 (CogView), arXiv:2105.13290, section 2.4; Gemma 2.</summary>
public sealed class SandwichBlock(Norm beforeAttention, Attention attention, Norm afterAttention, Norm beforeFeedForward, FeedForward feedForward, Norm afterFeedForward, int layer) : Block(layer)
{
    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => attention.KeysPerQuery(length);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        x = pass.Observe(Site.ResidualMid, Layer, x.Add(afterAttention.Forward(attention.Forward(beforeAttention.Forward(x), pass, bias))));
        return x.Add(afterFeedForward.Forward(feedForward.Forward(beforeFeedForward.Forward(x), pass)));
    }
}
