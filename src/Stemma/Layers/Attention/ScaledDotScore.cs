using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// q·k ÷ √size. Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1: of independent components with variance 1 the dot product has the
/// variance of their number, and a softmax of such scores is so sharp that hardly a gradient comes through.
/// </summary>
public sealed class ScaledDotScore : AttentionScore
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor queries, Tensor keys)
    {
        ArgumentNullException.ThrowIfNull(queries);
        return (queries * (1 / Math.Sqrt(queries.Shape[-1]))).MatMul(keys.Transposed);
    }
}

/// <summary><see cref="ScaledDotScore"/>.</summary>
public sealed record ScaledDotScoreConfig : AttentionScoreConfig
{
    /// <inheritdoc/>
    public override AttentionScore Build(IWeights weights, int querySize, int keySize)
    {
        DotScoreConfig.RequireOneSpace("scaled-dot", querySize, keySize);
        return new ScaledDotScore();
    }
}
