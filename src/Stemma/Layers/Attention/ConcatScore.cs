using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// v·tanh(W·[q; k]). Luong et al. 2015, arXiv:1508.04025, equation 8, "concat": one matrix over both, which is the sum of two
/// products, so that the one of the keys is made once.
/// </summary>
/// <param name="weights">Its scope: <c>pair.weight</c> (W), <c>weight</c> (v).</param>
/// <param name="querySize">Channels of a query.</param>
/// <param name="keySize">Channels of a key.</param>
/// <param name="size">Rows of W.</param>
public sealed class ConcatScore(IWeights weights, int querySize, int keySize, int size) : AttentionScore
{
    private readonly Parameter _pair = weights["pair"].Tensor("weight", [size, querySize + keySize], new Initializer.Xavier());
    private readonly Parameter _weight = weights.Tensor("weight", [1, size], new Initializer.Xavier());

    /// <inheritdoc/>
    public override Tensor Prepare(Tensor keys) => keys.Linear(_pair.Value.Slice(1, querySize, keySize));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor queries, Tensor keys) => AdditiveScore.Compare(queries.Linear(_pair.Value.Slice(1, 0, querySize)), keys, _weight);
}

/// <summary><see cref="ConcatScore"/>.</summary>
public sealed record ConcatScoreConfig : AttentionScoreConfig
{
    /// <summary>Rows of the matrix; 0 for as many as a query has channels.</summary>
    public int Size { get; init; }

    /// <inheritdoc/>
    public override AttentionScore Build(IWeights weights, int querySize, int keySize) => new ConcatScore(weights, querySize, keySize, Size > 0 ? Size : querySize);
}
