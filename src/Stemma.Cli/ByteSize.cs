using System.Globalization;
using System.Text.RegularExpressions;

namespace Stemma.Cli;

/// <summary>An amount of memory as people write it: <c>200MB</c>, <c>1.5GB</c>, <c>4GiB</c>.</summary>
internal static partial class ByteSize
{
    /// <summary>Reads one.</summary>
    /// <exception cref="MisuseException">It is none.</exception>
    public static long Parse(string option, string text)
    {
        if (Pattern().Match(text) is { Success: true } match)
        {
            var (unit, isBinary) = (match.Groups["unit"].Value.ToUpperInvariant(), match.Groups["binary"].Success);
            var bytes = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * Math.Pow(isBinary ? 1024 : 1000, " KMGT".IndexOf(unit.Length == 0 ? ' ' : unit[0], StringComparison.Ordinal));
            if (bytes is >= 1 and < long.MaxValue) return (long)bytes;
        }
        throw new MisuseException($"{option} is \"{text}\"; it is an amount such as 200MB or 2GB.");
    }

    [GeneratedRegex(@"^(?<number>\d{1,15}(?:\.\d{1,9})?)\s*(?:(?<unit>[kmgt])?(?<binary>i)?b?)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
