using System.Globalization;
using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>A time as C's <c>strftime</c> spells it in the "C" locale.</summary>
internal static class TimeText
{
    /// <summary>The time in a format; null and the directive when one is not known.</summary>
    public static string? Format(DateTimeOffset time, string format, out string unknown)
    {
        var result = new StringBuilder();
        unknown = "";
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                result.Append(format[i]);
                continue;
            }

            var unpadded = format[i + 1] == '-' && i + 2 < format.Length;
            var directive = format[i += unpadded ? 2 : 1];
            if (Part(time, directive) is not { } part)
            {
                unknown = $"%{(unpadded ? "-" : "")}{directive}";
                return null;
            }

            result.Append(unpadded && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } rest ? rest : "0" : part);
        }

        return result.ToString();
    }

    private static string? Part(DateTimeOffset time, char directive) => directive switch
    {
        'a' => Invariant(time, "ddd"),
        'A' => Invariant(time, "dddd"),
        'b' or 'h' => Invariant(time, "MMM"),
        'B' => Invariant(time, "MMMM"),
        'c' => $"{Invariant(time, "ddd MMM")} {time.Day,2} {Invariant(time, "HH:mm:ss yyyy")}",
        'd' => Invariant(time, "dd"),
        'D' or 'x' => Invariant(time, "MM/dd/yy"),
        'e' => $"{time.Day,2}",
        'f' => Invariant(time, "ffffff"),
        'F' => Invariant(time, "yyyy-MM-dd"),
        'H' => Invariant(time, "HH"),
        'I' => Invariant(time, "hh"),
        'j' => $"{time.DayOfYear:000}",
        'm' => Invariant(time, "MM"),
        'M' => Invariant(time, "mm"),
        'n' => "\n",
        'p' => time.Hour < 12 ? "AM" : "PM",
        'S' => Invariant(time, "ss"),
        't' => "\t",
        'T' or 'X' => Invariant(time, "HH:mm:ss"),
        'u' => $"{(time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek)}",
        'w' => $"{(int)time.DayOfWeek}",
        'y' => Invariant(time, "yy"),
        'Y' => $"{time.Year}",
        'z' => "",
        'Z' => "",
        '%' => "%",
        _ => null,
    };

    private static string Invariant(DateTimeOffset time, string format) => time.ToString(format.Length == 1 ? "%" + format : format, CultureInfo.InvariantCulture);
}
