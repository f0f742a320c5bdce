namespace Stemma.Layers;

/// <summary>
/// The base raised so that the slowest pair turns as slowly as under interpolation and the fastest as fast as ever ("NTK-aware scaled
/// RoPE", bloc97 2023; Peng et al. 2023, arXiv:2309.00071, section 3.1).
/// </summary>
public sealed record NtkRotaryScaling : RotaryScaling
{
    /// <summary>The new length divided by the old one.</summary>
    public double Factor { get; init; } = 2;

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length) =>
        (Plain(theta * Math.Pow(Factor, (double)size / (size - 2)), size), 1);

    /// <inheritdoc/>
    public override void Validate(string path, int size)
    {
        RequireFactor(Factor, path);
        if (size <= 2) throw new ConfigurationException($"{path}.kind is ntk, which needs more than 2 channels that turn; there are {size}.");
    }
}
