using System.Runtime.InteropServices;
using System.Text;
using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Unicode;

/// <summary>The four normalisation forms (Unicode Standard Annex #15), over our own tables and with alignment to the original text.</summary>
public static class UnicodeNormalization
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, LeadCount = 19, VowelCount = 21, TrailCount = 28;

    /// <summary>A text in a normalisation form. A lone surrogate becomes U+FFFD.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = new NormalizedText();
        normalized.Reset(text, aligned: false);
        Apply(normalized, form);
        return normalized.Chars.ToString();
    }

    internal static void Apply(NormalizedText text, NormalizationForm form)
    {
        var compatibility = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        var compose = form is NormalizationForm.FormC or NormalizationForm.FormKC;

        // Below these, nothing decomposes, and nothing composes with what comes before.
        var unchanged = compatibility ? '\u00A0' : compose ? '\u0300' : '\u00C0';
        if (!text.Chars.ContainsAnyInRange(unchanged, char.MaxValue)) return;
        var units = Decompose(text.Chars, compatibility);
        Order(CollectionsMarshal.AsSpan(units));
        var count = compose ? Compose(CollectionsMarshal.AsSpan(units)) : units.Count;
        Span<char> utf16 = stackalloc char[2];
        foreach (var unit in CollectionsMarshal.AsSpan(units)[..count])
            text.Emit(utf16[..new Rune(unit.Code).EncodeToUtf16(utf16)], unit.From, unit.To);
        text.Commit();
    }

    private static List<Unit> Decompose(ReadOnlySpan<char> chars, bool compatibility)
    {
        var units = new List<Unit>(chars.Length + chars.Length / 4 + 4);
        for (var at = 0; at < chars.Length;)
        {
            Rune.DecodeFromUtf16(chars[at..], out var rune, out var length);
            var (code, end) = (rune.Value, at + length);
            if (code is >= HangulBase and < HangulBase + LeadCount * VowelCount * TrailCount)
            {
                var index = code - HangulBase;
                units.Add(new(LeadBase + index / (VowelCount * TrailCount), 0, at, end));
                units.Add(new(VowelBase + index % (VowelCount * TrailCount) / TrailCount, 0, at, end));
                if (index % TrailCount != 0) units.Add(new(TrailBase + index % TrailCount, 0, at, end));
            }
            else if (code >= 0xA0 && UnicodeLookup.Decomposition(code, compatibility) is { } parts)
            {
                foreach (var part in parts) units.Add(new(part, UnicodeLookup.CombiningClass(part), at, end));
            }
            else
            {
                units.Add(new(code, UnicodeLookup.CombiningClass(code), at, end));
            }

            at = end;
        }

        return units;
    }

    // Sorting by (class, place) keeps equals in order and stays n log n for a text of combining marks alone.
    private static void Order(Span<Unit> units)
    {
        for (var start = 0; start < units.Length; start++)
        {
            if (units[start].Class == 0) continue;
            var end = start + 1;
            while (end < units.Length && units[end].Class != 0) end++;
            var run = units[start..end];
            if (run.Length > 1)
            {
                var keys = new long[run.Length];
                for (var i = 0; i < keys.Length; i++) keys[i] = ((long)run[i].Class << 32) | (uint)i;
                keys.AsSpan().Sort(run);
            }

            start = end;
        }
    }

    private static int Compose(Span<Unit> units)
    {
        var (count, starter, lastClass) = (0, -1, -1);
        for (var i = 0; i < units.Length; i++)
        {
            var unit = units[i];
            if (starter >= 0 && (lastClass < unit.Class || lastClass == -1) && Composite(units[starter].Code, unit.Code) is var composite and >= 0)
            {
                ref var into = ref units[starter];
                into = new(composite, 0, Math.Min(into.From, unit.From), Math.Max(into.To, unit.To));
                continue;
            }

            if (unit.Class == 0) (starter, lastClass) = (count, -1);
            else lastClass = unit.Class;
            units[count++] = unit;
        }

        return count;
    }

    private static int Composite(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + LeadCount && second is >= VowelBase and < VowelBase + VowelCount)
            return HangulBase + ((first - LeadBase) * VowelCount + second - VowelBase) * TrailCount;
        if (first is >= HangulBase and < HangulBase + LeadCount * VowelCount * TrailCount && (first - HangulBase) % TrailCount == 0 && second is > TrailBase and < TrailBase + TrailCount)
            return first + second - TrailBase;
        return UnicodeLookup.Composite(first, second);
    }

    private readonly record struct Unit(int Code, byte Class, int From, int To);
}
