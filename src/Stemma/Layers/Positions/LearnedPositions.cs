using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>A learned vector per position, of which some models leave the first ones to padding.</summary>
/// <param name="weights">Its scope: <c>weight</c>, [count + offset, size].</param>
/// <param name="count">Positions.</param>
/// <param name="size">Channels.</param>
/// <param name="offset">Vectors before that of position 0: 2 in OPT.</param>
/// <param name="initializer">How the vectors begin.</param>
public sealed class LearnedPositions(IWeights weights, int count, int size, int offset, Initializer initializer) : PositionEmbedding
{
    private readonly Embedding _vectors = new(weights, count + offset, size, initializer);

    /// <inheritdoc/>
    public override long WeightCount => _vectors.Weight.Shape.Count;

    /// <inheritdoc/>
    public override int? Count => count;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A position has no vector.</exception>
    public override Tensor Forward(ReadOnlySpan<int> positions, Device device)
    {
        var ids = new int[positions.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            if (positions[i] >= count) throw new ArgumentException($"Position {positions[i]} lies beyond this model's context of {count} tokens; its positions are learned, so there is none.", nameof(positions));
            ids[i] = positions[i] + offset;
        }
        return _vectors.Forward(Tensor.From(ids, [ids.Length], device));
    }
}

/// <summary><see cref="LearnedPositions"/>: a vector for each position of the context, and none beyond it.</summary>
public sealed record LearnedPositionsConfig : PositionsConfig
{
    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sizes);
        return new(Embedding: new LearnedPositions(weights, sizes.ContextLength, sizes.HiddenSize, 0, sizes.Initializer));
    }
}
