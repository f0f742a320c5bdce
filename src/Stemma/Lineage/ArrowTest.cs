using Stemma.Evaluation.Metrics;
using Stemma.Evaluation.Metrics.Translation;

namespace Stemma.Lineage;

/// <summary>Whether a rung can do what the one before it cannot.</summary>
/// <param name="Test">The ability in question.</param>
/// <param name="Before">The older rung's measure; NaN where there is none.</param>
/// <param name="After">The newer one's.</param>
/// <param name="Holds">Whether the newer one is better, by more than chance or by more than a trifle.</param>
/// <param name="PValue">Of the difference in prediction, by approximate randomisation over blocks of text; null for other abilities.</param>
public sealed record ArrowTest(Ability Test, double Before, double After, bool Holds, double? PValue)
{
    /// <summary>Compares two rungs.</summary>
    /// <param name="test">By what.</param>
    /// <param name="before">The older.</param>
    /// <param name="after">The newer.</param>
    public static ArrowTest Of(Ability test, RungResult before, RungResult after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (test == Ability.Prediction)
        {
            var (old, now) = (before.BitsPerByte ?? double.PositiveInfinity, after.BitsPerByte ?? double.PositiveInfinity);
            double? chance = before.BitsPerByte is not null && after.BitsPerByte is not null && before.Blocks.Count == after.Blocks.Count ? Difference(before, after).PValue : null;
            return new(test, old, now, now < old && chance is null or < 0.05, chance);
        }
        var (could, can) = (before.Abilities[test], after.Abilities[test]);
        var gain = test is Ability.Possibility or Ability.Novelty ? could - can : can - could;
        return new(test, could, can, test == Ability.Possibility ? gain > 0 && can == 0 : gain > Trifle(test), null);
    }

    /// <summary>Bits per token that a difference has to exceed. Far context is worth little on average: most of what a token needs is near.</summary>
    private static double Trifle(Ability test) => test == Ability.Reach ? 0.02 : 0.1;

    /// <summary>The difference in bits per byte over the same blocks of text, with its interval and test.</summary>
    public static SystemComparison Difference(RungResult before, RungResult after) => SystemComparison.Of(new BitsPerByteScore(), Counts(before), Counts(after));

    /// <summary>A rung's blocks as counts to resample.</summary>
    internal static SegmentCounts Counts(RungResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var counts = new SegmentCounts(result.Blocks.Count, 2);
        for (var i = 0; i < result.Blocks.Count; i++) (counts[i][0], counts[i][1]) = (result.Blocks[i].Nats, result.Blocks[i].Bytes);
        return counts;
    }
}
