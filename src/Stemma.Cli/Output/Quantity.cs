using System.Globalization;

namespace Stemma.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    /// <summary>812 bytes, 4.1 KB, 21.4 MB.</summary>
    public static string Bytes(double bytes) => bytes < 1000 ? $"{bytes:0} bytes" : $"{Scaled(bytes)}B";

    /// <summary>812, 4.3 M parameters, 124 M.</summary>
    public static string Count(double count) => count < 10_000 ? count.ToString("N0", CultureInfo.InvariantCulture) : Scaled(count).TrimEnd();

    /// <summary>279 GFLOP/s.</summary>
    public static string Rate(double perSecond, string unit) => $"{Scaled(perSecond)}{unit}/s";

    /// <summary>24%.</summary>
    public static string Percent(double share) => $"{100 * share:0}%";

    /// <summary>0:42, 2:51, 1:02:03.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
        : $"{time.Minutes}:{time.Seconds:00}";

    /// <summary>under a minute, about 4 min, about 2 h 10 min.</summary>
    public static string About(TimeSpan time) => time.TotalSeconds < 50 ? $"about {Math.Max(1, Math.Round(time.TotalSeconds / 5)) * 5:0} s"
        : time.TotalMinutes < 59.5 ? $"about {Math.Max(1, Math.Round(time.TotalMinutes)):0} min"
        : $"about {(int)time.TotalHours} h {time.Minutes} min";

    /// <summary>"1 token", "2 tokens".</summary>
    public static string Of(long count, string noun) => $"{count.ToString("N0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    private static string Scaled(double value)
    {
        (double Size, string Letter)[] scales = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")];
        foreach (var (size, letter) in scales)
            if (value >= 0.9995 * size) return $"{(value / size).ToString(value / size >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture)} {letter}";
        return $"{value.ToString("0", CultureInfo.InvariantCulture)} ";
    }
}
