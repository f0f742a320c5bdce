using Stemma.Numerics.Distributions;

namespace Stemma.Evaluation.Statistics;

/// <summary>A mean and where the true one lies with 95 % confidence, where values are about normal. Student 1908.</summary>
/// <param name="Mean">NaN of no values.</param>
/// <param name="Low">The interval's lower end; −∞ of fewer than two values.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Count">Values.</param>
public readonly record struct MeanInterval(double Mean, double Low, double High, int Count)
{
    /// <summary>Of independent values: runs with other seeds, differences of pairs.</summary>
    public static MeanInterval Of(ReadOnlySpan<double> values)
    {
        if (values.Length == 0) return new(double.NaN, double.NegativeInfinity, double.PositiveInfinity, 0);
        var mean = 0.0;
        foreach (var value in values) mean += value / values.Length;
        if (values.Length == 1) return new(mean, double.NegativeInfinity, double.PositiveInfinity, 1);
        var squares = 0.0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        var half = Tails.StudentTBound(0.05, values.Length - 1) * Math.Sqrt(squares / (values.Length - 1) / values.Length);
        return new(mean, mean - half, mean + half, values.Length);
    }
}
