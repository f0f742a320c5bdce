using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>Logarithms as files hold them: single precision with at most seven decimals, and -99 for the logarithm of zero.</summary>
/// <remarks>What is written, read and written again stays the same: a number is first rounded to what is both.</remarks>
internal static class LogNumber
{
    private const double Scale = 1e7;
    private const float Impossible = -99;

    /// <summary>The number that a file holds for it; negative infinity for the logarithm of zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(double value)
    {
        var single = (float)value;
        return single <= Impossible ? float.NegativeInfinity : (float)(Math.Round(single * Scale) / Scale);
    }

    /// <summary>Reads a number of a file; false where it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out float value)
    {
        if (text.Length > 0 && text[0] == '+') text = text[1..];
        var read = Utf8Parser.TryParse(text, out double number, out var consumed) && consumed == text.Length && double.IsFinite(number);
        value = read ? Round(number) : 0;
        return read;
    }

    /// <summary>Writes a number; at most 20 bytes.</summary>
    /// <returns>How many bytes it took.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Write(double value, Span<byte> target)
    {
        var rounded = Round(value);
        if (float.IsNegativeInfinity(rounded))
        {
            "-99"u8.CopyTo(target);
            return 3;
        }
        var scaled = (long)Math.Round(rounded * Scale);
        var at = 0;
        if (scaled < 0)
        {
            target[at++] = (byte)'-';
            scaled = -scaled;
        }
        var (whole, rest) = ((uint)(scaled / 10_000_000), (uint)(scaled % 10_000_000));
        if (whole < 10)
        {
            target[at++] = (byte)('0' + whole);
        }
        else
        {
            Utf8Formatter.TryFormat(whole, target[at..], out var digits);
            at += digits;
        }
        if (rest == 0) return at;
        target[at++] = (byte)'.';
        for (var place = 6; place >= 0; place--)
        {
            target[at + place] = (byte)('0' + (rest % 10));
            rest /= 10;
        }
        at += 7;
        while (target[at - 1] == '0') at--;
        return at;
    }
}
