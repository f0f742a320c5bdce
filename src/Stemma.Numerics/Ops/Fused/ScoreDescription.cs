namespace Stemma.Numerics.Ops;

/// <summary>
/// What happens to attention's scores between the product and the softmax, in this order: capped, biased by distance, hidden by blocks, joined by a sink.
/// It describes; no matrix of queries × keys is ever made.
/// </summary>
public sealed record ScoreDescription
{
    /// <summary>cap · tanh(score / cap) bounds the scores (Gemma Team 2024, arXiv:2408.00118, section 2); null for none, otherwise positive.</summary>
    public double? SoftCap { get; init; }

    /// <summary>What a head adds to a score for the distance between query and key; null for nothing.</summary>
    public DistanceBias? Bias { get; init; }

    /// <summary>
    /// [heads]: a further score of each head that every query sees and that has no value, so that a head may attend to nothing
    /// (Xiao et al. 2023, arXiv:2309.17453, in the learned form of their section 3.3); null for none.
    /// </summary>
    public Tensor? Sinks { get; init; }

    /// <summary>Which blocks of keys a query sees, of those in its window; the others are neither computed nor stored. Null for all.</summary>
    public BlockPattern? Pattern { get; init; }
}

/// <summary>
/// A bias of every head by distance: what ALiBi (Press et al. 2021, arXiv:2108.12409) fixes and T5 (Raffel et al. 2019,
/// arXiv:1910.10683, section 2.1) learns by buckets. Distances beyond the table have the bias of its end.
/// </summary>
/// <param name="Table">[heads, distances]: column c holds the distance <paramref name="First"/> + c.</param>
/// <param name="First">The least distance, query position − key position; negative where a query sees keys after it.</param>
public sealed record DistanceBias(Tensor Table, int First)
{
    /// <summary>The column of a distance.</summary>
    internal int Column(int distance) => Math.Clamp(distance - First, 0, Table.Shape[1] - 1);
}
