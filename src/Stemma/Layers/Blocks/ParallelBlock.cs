using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>x + attention(norm(x)) + feed-forward(norm(x)): both read the same rows (GPT-J; Chowdhery et al. 2022, arXiv:2204.02311, section 2).</summary>
/// <param name="attentionNorm">Before attention.</param>
/// <param name="attention">Attention.</param>
/// <param name="feedForwardNorm">Before the feed-forward part; null where it reads what attention reads.</param>
/// <param name="feedForward">The feed-forward part.</param>
/// <param name="layer">Its number.</param>
public sealed class ParallelBlock(Norm attentionNorm, Attention attention, Norm? feedForwardNorm, FeedForward feedForward, int layer) : Block(layer)
{
    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => attention.KeysPerQuery(length);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        var normed = attentionNorm.Forward(x);
        var sum = pass.Observe(Site.ResidualMid, Layer, attention.AddTo(x, normed, pass, bias));
        return feedForward.AddTo(sum, feedForwardNorm?.Forward(x) ?? normed, pass);
    }
}
