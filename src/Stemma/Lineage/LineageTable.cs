using System.Globalization;

namespace Stemma.Lineage;

/// <summary>A lineage's results as words and numbers for a table.</summary>
public static class LineageTable
{
    /// <summary>The tests of all arrows: each rung against the one before it. The first has none.</summary>
    public static IReadOnlyList<ArrowTest?> Arrows(IReadOnlyList<(Rung Rung, RungResult Result)> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select((row, i) => i == 0 ? null : ArrowTest.Of(row.Rung.Test, rows[i - 1].Result, row.Result))];
    }

    /// <summary>"1.124 ±0.012"; "∞" where something has no probability.</summary>
    public static string BitsPerByte(RungResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result is { BitsPerByte: { } bits, Low: { } low, High: { } high } ? Text($"{bits:0.000} ±{(high - low) / 2:0.000}") : "∞";
    }

    /// <summary>What an arrow's test found, in a few words.</summary>
    public static string Finding(ArrowTest arrow)
    {
        ArgumentNullException.ThrowIfNull(arrow);
        var (before, after) = (arrow.Before, arrow.After);
        return arrow.Test switch
        {
            Ability.Prediction => Text($"{Bits(before)} → {Bits(after)} bits/byte{(arrow.PValue is { } p ? p < 0.001 ? ", p < 0.001" : Text($", p = {p:0.000}") : "")}"),
            Ability.Order => Text($"shuffled text costs {before:0.00} → {after:0.00} bits/token"),
            Ability.Possibility => Text($"impossible tokens {100 * before:0.0}% → {100 * after:0.0}%"),
            Ability.Novelty => Text($"tokens never seen after these two: {before:0.00} → {after:0.00} bits"),
            Ability.Reach => Text($"far context saves {before:0.00} → {after:0.00} bits/token"),
            _ => Text($"a repetition saves {before:0.00} → {after:0.00} bits/token"),
        };
    }

    /// <summary>4.3 M, 812 K.</summary>
    public static string Count(double count) => count switch
    {
        0 => "–",
        < 10_000 => Text($"{count:N0}"),
        < 999_500 => Text($"{count / 1e3:0} K"),
        < 999.5e6 => Text($"{count / 1e6:0.0} M"),
        < 999.5e9 => Text($"{count / 1e9:0.0} G"),
        < 999.5e12 => Text($"{count / 1e12:0.0} T"),
        _ => Text($"{count / 1e15:0.0} P"),
    };

    private static string Bits(double bits) => double.IsFinite(bits) ? Text($"{bits:0.000}") : "∞";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
