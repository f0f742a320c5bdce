namespace Stemma.Layers;

/// <summary>Position interpolation: all positions divided by a factor. Chen et al. 2023, arXiv:2306.15595.</summary>
public sealed record LinearRotaryScaling : RotaryScaling
{
    /// <summary>The new length divided by the old one.</summary>
    public double Factor { get; init; } = 2;

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length) => (Array.ConvertAll(Plain(theta, size), f => f / Factor), 1);

    /// <inheritdoc/>
    public override void Validate(string path, int size) => RequireFactor(Factor, path);
}
