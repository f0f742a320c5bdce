namespace Stemma.Layers;

/// <summary>Angles as the paper has them.</summary>
public sealed record NoRotaryScaling : RotaryScaling
{
    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length) => (Plain(theta, size), 1);
}
