using System.Globalization;
using System.Text.RegularExpressions;

namespace Stemma.Cli;

/// <summary>A time as people write it: <c>90s</c>, <c>4m</c>, <c>1h30m</c>.</summary>
internal static partial class Duration
{
    private const double MostHours = 10_000;

    /// <summary>Reads one; false when it is none, or not above 0.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        if (Pattern().Match(text) is not { Success: true } match) return false;
        var seconds = Part("h") * 3600 + Part("m") * 60 + Part("s");
        if (seconds is <= 0 or > MostHours * 3600) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;

        double Part(string unit) => match.Groups[unit] is { Success: true } group ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"^(?:(?<h>\d{1,9}(?:\.\d{1,9})?)h)?(?:(?<m>\d{1,9}(?:\.\d{1,9})?)m)?(?:(?<s>\d{1,9}(?:\.\d{1,9})?)s)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
