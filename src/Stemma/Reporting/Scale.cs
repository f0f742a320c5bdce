namespace Stemma.Reporting;

/// <summary>A mark on an axis.</summary>
/// <param name="Value">Where it stands.</param>
/// <param name="Label">What is written there.</param>
internal readonly record struct Tick(double Value, string Label);

/// <summary>An axis with its ends and marks fixed.</summary>
internal sealed class Scale(double low, double high, bool isLogarithmic, IReadOnlyList<Tick> ticks)
{
    public double Low => low;

    public double High => high;

    public IReadOnlyList<Tick> Ticks => ticks;

    /// <summary>Where a value stands: 0 at the beginning of the axis, 1 at its end.</summary>
    public double Fraction(double value) => isLogarithmic ? Math.Log(value / low) / Math.Log(high / low) : (value - low) / (high - low);
}
