using System.Globalization;
using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>A factor found for each pair of channels, one set for sequences within the trained length and one for longer ones. Ding et al. 2024 (LongRoPE), arXiv:2402.13753.</summary>
public sealed record LongRotaryScaling : RotaryScaling
{
    /// <summary>What each pair is slowed by within the trained length: numbers with commas between.</summary>
    public string ShortFactors { get; init; } = "";

    /// <summary>What each pair is slowed by beyond it: numbers with commas between.</summary>
    public string LongFactors { get; init; } = "";

    /// <summary>The length trained at first.</summary>
    public int OriginalContextLength { get; init; } = 4096;

    /// <summary>What cosines and sines are multiplied by; 0 for √(1 + ln(context ÷ original) ÷ ln original), or 1 where the context is no longer.</summary>
    public double AttentionFactor { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool DependsOnLength => true;

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length)
    {
        var factors = Numbers(length > OriginalContextLength ? LongFactors : ShortFactors);
        var ratio = (double)contextLength / OriginalContextLength;
        var frequencies = Plain(theta, size);
        for (var i = 0; i < frequencies.Length; i++) frequencies[i] /= factors[i];
        return (frequencies, AttentionFactor > 0 ? AttentionFactor : ratio <= 1 ? 1 : Math.Sqrt(1 + Math.Log(ratio) / Math.Log(OriginalContextLength)));
    }

    /// <inheritdoc/>
    public override void Validate(string path, int size)
    {
        if (OriginalContextLength <= 1) throw new ConfigurationException($"{path}.original_context_length is {OriginalContextLength}; it must be at least 2.");
        Check(ShortFactors, "short_factors");
        Check(LongFactors, "long_factors");

        void Check(string text, string field)
        {
            var factors = Numbers(text);
            if (factors.Length != size / 2) throw new ConfigurationException($"{path}.{field} has {factors.Length} numbers; there are {size / 2} pairs of channels that turn.");
            if (factors.Any(factor => !(factor > 0))) throw new ConfigurationException($"{path}.{field} holds something else than a positive number.");
        }
    }

    /// <summary>The factors of a text; NaN for what is no number.</summary>
    internal static double[] Numbers(string text) => text.Length == 0 ? [] :
        [.. text.Split(',').Select(part => double.TryParse(part, CultureInfo.InvariantCulture, out var number) ? number : double.NaN)];
}
