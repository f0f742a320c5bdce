using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// A fixed penalty for distance, steeper in some heads than in others: −slope · (query position − key position). Press et al. 2021,
/// arXiv:2108.12409, section 3.
/// </summary>
/// <param name="slopes">One per head.</param>
public sealed class Alibi(IReadOnlyList<double> slopes) : PositionBias
{
    /// <summary>One per head.</summary>
    public IReadOnlyList<double> Slopes { get; } = slopes;

    /// <inheritdoc/>
    public override DistanceBias Forward(int length, Device device)
    {
        var values = new float[Slopes.Count * (2 * length - 1)];
        for (var head = 0; head < Slopes.Count; head++)
            for (var i = 0; i < 2 * length - 1; i++) values[head * (2 * length - 1) + i] = (float)(-Slopes[head] * (i - (length - 1)));
        return new(Tensor.From(values, [Slopes.Count, 2 * length - 1], device), 1 - length);
    }

    /// <summary>2^(−8/n), 2^(−16/n), … for a power of two; other numbers of heads take every other slope of twice the power below for the rest.</summary>
    public static double[] PowersOfTwo(int headCount)
    {
        var power = 1 << (int)Math.Floor(Math.Log2(headCount));
        return [.. Geometric(power, 8).Concat(Geometric(2 * power, 8).Where((_, i) => i % 2 == 0)).Take(headCount)];
    }

    /// <summary>MPT's slopes: of the power of two above the number of heads, the second, fourth, … and then the first, third, …</summary>
    /// <param name="headCount">Heads.</param>
    /// <param name="maxBias">The exponent of the last slope; 8 in the paper.</param>
    public static double[] Interleaved(int headCount, double maxBias)
    {
        var power = 1 << (int)Math.Ceiling(Math.Log2(headCount));
        var all = Geometric(power, maxBias).ToArray();
        return power == headCount ? all : [.. all.Where((_, i) => i % 2 == 1).Concat(all.Where((_, i) => i % 2 == 0)).Take(headCount)];
    }

    private static IEnumerable<double> Geometric(int count, double maxBias) => Enumerable.Range(1, count).Select(i => Math.Pow(2, -maxBias * i / count));
}

/// <summary><see cref="Alibi"/> with the slopes of the paper.</summary>
public sealed record AlibiPositionsConfig : PositionsConfig
{
    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return new(Bias: new Alibi(Alibi.PowersOfTwo(sizes.HeadCount)));
    }
}
