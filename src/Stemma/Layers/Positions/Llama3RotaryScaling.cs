namespace Stemma.Layers;

/// <summary>Short waves stay, waves longer than the trained length are interpolated, those between are mixed. Llama Team 2024, arXiv:2407.21783 (Llama 3.1).</summary>
public sealed record Llama3RotaryScaling : RotaryScaling
{
    /// <summary>What long waves are slowed by.</summary>
    public double Factor { get; init; } = 8;

    /// <summary>Waves longer than the trained length divided by this are slowed.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Waves shorter than the trained length divided by this stay.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>The length trained at first.</summary>
    public int OriginalContextLength { get; init; } = 8192;

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length) => (Array.ConvertAll(Plain(theta, size), Scaled), 1);

    private double Scaled(double frequency)
    {
        var wave = 2 * Math.PI / frequency;
        if (wave < OriginalContextLength / HighFrequencyFactor) return frequency;
        if (wave > OriginalContextLength / LowFrequencyFactor) return frequency / Factor;
        var kept = (OriginalContextLength / wave - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - kept) * frequency / Factor + kept * frequency;
    }

    /// <inheritdoc/>
    public override void Validate(string path, int size)
    {
        RequireFactor(Factor, path);
        if (!(LowFrequencyFactor > 0 && HighFrequencyFactor > LowFrequencyFactor))
            throw new ConfigurationException($"{path}.high_frequency_factor is {HighFrequencyFactor} and low_frequency_factor {LowFrequencyFactor}; both must be positive, and the high one the greater.");
        if (OriginalContextLength <= 0) throw new ConfigurationException($"{path}.original_context_length is {OriginalContextLength}; it must be positive.");
    }
}
