namespace Stemma.Layers;

/// <summary>
/// Pairs that turn often within the trained length stay, those that turn less than once are interpolated, those between are mixed, and
/// attention is sharpened a little. Peng et al. 2023, arXiv:2309.00071, sections 3.2 and 3.4.
/// </summary>
public sealed record YarnRotaryScaling : RotaryScaling
{
    /// <summary>The new length divided by the old one.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>Turns within the context from which on a pair stays (β).</summary>
    public double FastTurns { get; init; } = 32;

    /// <summary>Turns within the context up to which a pair is interpolated (α).</summary>
    public double SlowTurns { get; init; } = 1;

    /// <summary>What cosines and sines are multiplied by; 0 for 0.1 · ln factor + 1.</summary>
    public double AttentionFactor { get; init; }

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length)
    {
        var low = Math.Max(Math.Floor(Pair(FastTurns)), 0);
        var high = Math.Min(Math.Ceiling(Pair(SlowTurns)), size - 1);
        if (low == high) high += 0.001;
        var frequencies = Plain(theta, size);
        for (var i = 0; i < frequencies.Length; i++)
        {
            var interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            frequencies[i] = frequencies[i] / Factor * interpolated + frequencies[i] * (1 - interpolated);
        }
        return (frequencies, AttentionFactor > 0 ? AttentionFactor : 0.1 * Math.Log(Factor) + 1);

        // The pair that makes so many turns within the context.
        double Pair(double turns) => size * Math.Log(contextLength / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }

    /// <inheritdoc/>
    public override void Validate(string path, int size)
    {
        RequireFactor(Factor, path);
        if (!(SlowTurns > 0 && FastTurns >= SlowTurns)) throw new ConfigurationException($"{path}.fast_turns is {FastTurns} and slow_turns {SlowTurns}; both must be positive, and the fast ones not fewer.");
        if (!(AttentionFactor >= 0)) throw new ConfigurationException($"{path}.attention_factor is {AttentionFactor}; it must not be negative.");
    }
}
