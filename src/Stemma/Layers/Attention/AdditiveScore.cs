using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>v·tanh(W·q + U·k): a small network that looks at both. Bahdanau et al. 2014, arXiv:1409.0473, appendix A.1.2.</summary>
/// <param name="weights">Its scope: <c>query.weight</c> (W), <c>key.weight</c> (U), <c>weight</c> (v).</param>
/// <param name="querySize">Channels of a query.</param>
/// <param name="keySize">Channels of a key.</param>
/// <param name="size">Units of the network.</param>
public sealed class AdditiveScore(IWeights weights, int querySize, int keySize, int size) : AttentionScore
{
    private readonly Parameter _query = weights["query"].Tensor("weight", [size, querySize], new Initializer.Xavier());
    private readonly Parameter _key = weights["key"].Tensor("weight", [size, keySize], new Initializer.Xavier());
    private readonly Parameter _weight = weights.Tensor("weight", [1, size], new Initializer.Xavier());

    /// <inheritdoc/>
    public override Tensor Prepare(Tensor keys) => keys.Linear(_key);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor queries, Tensor keys) => Compare(queries.Linear(_query), keys, _weight);

    /// <summary>v·tanh(q + k) of every pair.</summary>
    internal static Tensor Compare(Tensor queries, Tensor keys, Tensor weight)
    {
        var (batch, count, size) = queries.Shape;
        var keyCount = keys.Shape[1];
        var pairs = (queries.Reshape(batch, count, 1, size) + keys.Reshape(batch, 1, keyCount, size)).Tanh();
        return pairs.Linear(weight).Reshape(batch, count, keyCount);
    }
}

/// <summary><see cref="AdditiveScore"/>.</summary>
public sealed record AdditiveScoreConfig : AttentionScoreConfig
{
    /// <summary>Units of the network that compares; 0 for as many as a query has channels.</summary>
    public int Size { get; init; }

    /// <inheritdoc/>
    public override AttentionScore Build(IWeights weights, int querySize, int keySize) => new AdditiveScore(weights, querySize, keySize, Size > 0 ? Size : querySize);
}
