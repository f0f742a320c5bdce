using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>sin(p / 10000^(2i/size)) in even channels and the cosine in odd ones: no weights, no largest position. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.</summary>
/// <param name="size">Channels.</param>
public sealed class SinusoidalPositions(int size) : PositionEmbedding
{
    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<int> positions, Device device)
    {
        var values = new float[positions.Length * size];
        for (var row = 0; row < positions.Length; row++)
        {
            for (var i = 0; i < size; i++)
            {
                var angle = positions[row] / Math.Pow(10000, (i & ~1) / (double)size);
                values[row * size + i] = (float)(i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }
        return Tensor.From(values, [positions.Length, size], device);
    }
}

/// <summary><see cref="SinusoidalPositions"/>.</summary>
public sealed record SinusoidalPositionsConfig : PositionsConfig
{
    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return new(Embedding: new SinusoidalPositions(sizes.HiddenSize));
    }
}
