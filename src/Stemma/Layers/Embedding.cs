using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A vector per id.</summary>
/// <param name="weights">Its scope: <c>weight</c>.</param>
/// <param name="count">Ids.</param>
/// <param name="size">Channels.</param>
/// <param name="initializer">How the vectors begin.</param>
public sealed class Embedding(IWeights weights, int count, int size, Initializer initializer)
{
    /// <summary>[count, size].</summary>
    public Parameter Weight { get; } = weights.Tensor("weight", [count, size], initializer);

    /// <summary>The vectors of ids: int32 [rows] to [rows, size].</summary>
    public Tensor Forward(Tensor ids) => Weight.Value.Gather(ids);
}
