namespace Stemma.Reporting;

/// <summary>How numbers become places along one side of a chart.</summary>
/// <param name="Label">What the numbers are, with their unit: <c>loss (nats per token)</c>.</param>
public abstract record Axis(string Label)
{
    /// <summary>Where the axis begins; from the data when null. What lies outside is cut off.</summary>
    public double? Minimum { get; init; }

    /// <summary>Where the axis ends; from the data when null.</summary>
    public double? Maximum { get; init; }

    /// <summary>The axis over the data.</summary>
    /// <param name="low">The least value, or NaN where there is none.</param>
    /// <param name="high">The greatest value.</param>
    /// <param name="tickCount">About how many ticks there is room for.</param>
    internal abstract Scale Fit(double low, double high, int tickCount);

    private protected (double Low, double High) Limits(double low, double high, double usualLow, double usualHigh)
    {
        (low, high) = (Minimum ?? (double.IsNaN(low) ? usualLow : low), Maximum ?? (double.IsNaN(high) ? usualHigh : high));
        if (!double.IsFinite(low) || !double.IsFinite(high)) throw new ArgumentException($"The axis \"{Label}\" has no end: {low} to {high}.");
        if (Minimum is not null && Maximum is not null && low >= high) throw new ArgumentException($"The axis \"{Label}\" goes from {low} to {high}; its minimum must be below its maximum.");
        return (low, high);
    }
}

/// <summary>Equal steps are equally long.</summary>
/// <param name="Label">What the numbers are, with their unit.</param>
public sealed record LinearAxis(string Label) : Axis(Label)
{
    internal override Scale Fit(double low, double high, int tickCount)
    {
        (low, high) = Limits(low, high, 0, 1);
        if (low >= high)
        {
            // One value, or data beyond the given end: some room around it.
            var room = Math.Max(Math.Abs(low) * 0.1, 1e-9);
            (low, high) = Maximum is not null ? (high - room, high) : Minimum is not null ? (low, low + room) : (low - room, high + room);
        }
        var step = Ticks.Step(low, high, tickCount);
        // A whisker of rounding must not add a tick.
        if (Minimum is null) low = Math.Floor(low / step + 1e-9) * step;
        if (Maximum is null) high = Math.Ceiling(high / step - 1e-9) * step;
        return new(low, high, isLogarithmic: false, Ticks.Linear(low, high, step));
    }
}

/// <summary>Equal factors are equally long. All values must be positive.</summary>
/// <param name="Label">What the numbers are, with their unit.</param>
public sealed record LogAxis(string Label) : Axis(Label)
{
    internal override Scale Fit(double low, double high, int tickCount)
    {
        (low, high) = Limits(low, high, 1, 10);
        if (low <= 0) throw new ArgumentException($"The axis \"{Label}\" is logarithmic and cannot show {low}; leave such points out, or use a LinearAxis.");
        if (low >= high) (low, high) = Maximum is not null ? (high / 2, high) : Minimum is not null ? (low, low * 2) : (low / 1.5, high * 1.5);
        if (Minimum is null) low = Ticks.Round125(low, up: false);
        if (Maximum is null) high = Ticks.Round125(high, up: true);
        return new(low, high, isLogarithmic: true, Ticks.Logarithmic(low, high, tickCount));
    }
}

/// <summary>Names side by side; the first stands at 0, the next at 1, and so on.</summary>
/// <param name="Label">What the names are.</param>
/// <param name="Names">From left to right.</param>
public sealed record CategoryAxis(string Label, IReadOnlyList<string> Names) : Axis(Label)
{
    internal override Scale Fit(double low, double high, int tickCount) =>
        new(-0.5, Math.Max(Names.Count, 1) - 0.5, isLogarithmic: false, [.. Names.Select((name, i) => new Tick(i, name))]);
}
