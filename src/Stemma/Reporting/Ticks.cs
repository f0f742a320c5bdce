using System.Globalization;

namespace Stemma.Reporting;

/// <summary>Round numbers for axes: 1, 2 or 5 times a power of ten.</summary>
internal static class Ticks
{
    /// <summary>The step between marks of which about <paramref name="count"/> cover the range; never more than that and one.</summary>
    public static double Step(double low, double high, int count)
    {
        var raw = (high - low) / Math.Max(count, 1);
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / power) switch { <= 1.000001 => 1, <= 2.000001 => 2, <= 5.000001 => 5, _ => 10 } * power;
    }

    /// <summary>The multiples of a step within a range.</summary>
    public static Tick[] Linear(double low, double high, double step)
    {
        var first = Math.Ceiling(low / step - 1e-9);
        var count = (int)(Math.Floor(high / step + 1e-9) - first) + 1;
        var values = Enumerable.Range(0, Math.Max(count, 0)).Select(i => (first + i) * step).ToArray();
        var largest = Math.Max(Math.Abs(low), Math.Abs(high));
        var decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        var plain = largest < 1e6 && decimals <= 5;
        return [.. values.Select(value => new Tick(value, plain ? Plain(value, decimals, largest) : Scientific(value, Math.Max(0, (int)Math.Floor(Math.Log10(largest)) + decimals))))];
    }

    /// <summary>Powers of ten where there are enough of them; else 1, 2, 5, 10, …</summary>
    public static Tick[] Logarithmic(double low, double high, int count)
    {
        var (first, last) = ((int)Math.Ceiling(Math.Log10(low) - 1e-9), (int)Math.Floor(Math.Log10(high) + 1e-9));
        int[] digits = 3 * Math.Log10(high / low) <= count + 1 ? [1, 2, 5] : [1];
        var every = digits.Length > 1 ? 1 : Math.Max(1, (int)Math.Ceiling((last - first + 1.0) / Math.Max(count, 2)));
        var plain = low >= 9e-5 && high <= 1.1e5;
        var ticks = from power in Enumerable.Range(first - 1, last - first + 2)
                    where (power - first) % every == 0
                    from digit in digits
                    let value = digit * Math.Pow(10, power)
                    where value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)
                    select new Tick(value, plain ? Plain(value, Math.Max(0, -power), high) : Scientific(value, 0));
        return [.. ticks];
    }

    /// <summary>The nearest of 1, 2, 5, 10, … times a power of ten, below or above.</summary>
    public static double Round125(double value, bool up)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value) + 1e-9));
        var digit = value / power;
        return power * (up
            ? digit switch { <= 1.000001 => 1, <= 2.000001 => 2, <= 5.000001 => 5, _ => 10 }
            : digit switch { >= 4.999999 => 5, >= 1.999999 => 2, _ => 1 });
    }

    // Four digits need no comma: 2019 may be a year.
    private static string Plain(double value, int decimals, double largest) => Signed((value + 0.0).ToString($"{(largest < 1e4 ? 'F' : 'N')}{decimals}", CultureInfo.InvariantCulture));

    private static string Scientific(double value, int digits)
    {
        if (value == 0) return "0";
        var power = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9);
        var factor = (value / Math.Pow(10, power)).ToString("0." + new string('#', Math.Min(digits, 8)), CultureInfo.InvariantCulture);
        if (power == 0) return Signed(factor);
        var ten = power == 1 ? "10" : $"10{string.Concat(power.ToString(CultureInfo.InvariantCulture).Select(Superscript))}";
        return Signed(factor switch { "1" => ten, "-1" => "-" + ten, _ => $"{factor}×{ten}" });
    }

    private static string Signed(string number) => number.Replace('-', '−');

    private static char Superscript(char digit) => digit switch
    {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => (char)('⁰' + (digit - '0')),
    };
}
