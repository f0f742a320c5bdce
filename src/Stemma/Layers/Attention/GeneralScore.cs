using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>q·(W·k): a learned map from the space of the keys into that of the queries. Luong et al. 2015, arXiv:1508.04025, equation 8, "general".</summary>
/// <param name="weights">Its scope: <c>weight</c>.</param>
/// <param name="querySize">Channels of a query.</param>
/// <param name="keySize">Channels of a key.</param>
public sealed class GeneralScore(IWeights weights, int querySize, int keySize) : AttentionScore
{
    private readonly Parameter _weight = weights.Tensor("weight", [querySize, keySize], new Initializer.Xavier());

    /// <inheritdoc/>
    public override Tensor Prepare(Tensor keys) => keys.Linear(_weight);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor queries, Tensor keys) => queries.MatMul(keys.Transposed);
}

/// <summary><see cref="GeneralScore"/>.</summary>
public sealed record GeneralScoreConfig : AttentionScoreConfig
{
    /// <inheritdoc/>
    public override AttentionScore Build(IWeights weights, int querySize, int keySize) => new GeneralScore(weights, querySize, keySize);
}
