using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>x + attention(norm(x)), then the same with the feed-forward part: what is added passes unchanged to the end, and gradients have a way past all parts. Xiong et al. 2020, arXiv:2002.04745.</summary>
/// <param name="attentionNorm">Before attention.</param>
/// <param name="attention">To the text itself.</param>
/// <param name="feedForwardNorm">Before the feed-forward part.</param>
/// <param name="feedForward">Row by row.</param>
/// <param name="layer">Its number.</param>
/// <param name="source">What reads a source; null where there is none.</param>
public sealed class PreNormBlock(Norm attentionNorm, Attention attention, Norm feedForwardNorm, FeedForward feedForward, int layer, SourcePart? source = null) : Block(layer, source)
{
    private readonly Norm? _sourceNorm = source?.Norm;

    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => attention.KeysPerQuery(length);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        x = pass.Observe(Site.ResidualMid, Layer, attention.AddTo(x, attentionNorm.Forward(x), pass, bias));
        if (SourceAttention is not null) x = pass.Observe(Site.ResidualMidSource, Layer, SourceAttention.AddTo(x, _sourceNorm!.Forward(x), source!, pass));
        return feedForward.AddTo(x, feedForwardNorm.Forward(x), pass);
    }
}
