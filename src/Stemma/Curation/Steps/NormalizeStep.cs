using System.Text;
using System.Text.Json.Serialization;
using Stemma.Text.Corpora.Readers;
using Stemma.Text.Unicode;

namespace Stemma.Curation;

/// <summary>
/// Makes the same text the same bytes: text that was read in the wrong encoding is repaired, letters and their marks become one character
/// where there is one (NFC), line ends become LF, control and invisible characters go, odd spaces become spaces, spaces before a line's end
/// and empty lines beyond one go.
/// </summary>
public sealed record NormalizeStep : LocalStep
{
    /// <summary>Whether UTF-8 that was read as Windows-1252 (<c>cafÃ©</c>) is put right, up to three times over.</summary>
    public bool RepairMojibake { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "normalize";

    internal override void Validate(string field)
    {
    }

    internal override DocumentFilter Build(string prepared) => new Filter(this);

    private sealed class Filter(NormalizeStep step) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            var text = document.Text;
            if (step.RepairMojibake && Mojibake.Repair(text) is var repaired && repaired != text)
            {
                counts.Add("mojibake repaired");
                text = repaired;
            }

            text = Cleaned(text, counts);
            // Afterwards: what was invisible no longer stands between a letter and its mark.
            if (!Ascii.IsValid(text) && UnicodeNormalization.Normalize(text, NormalizationForm.FormC) is var composed && composed != text)
            {
                counts.Add("composed");
                text = composed;
            }

            if (text != document.Text) document.Text = text;
            return text.Length == 0 ? "empty" : null;
        }

        private static string Cleaned(string text, RuleCounts counts)
        {
            var clean = new StringBuilder(text.Length);
            var (emptyLines, removed) = (2, 0);
            for (var i = 0; i < text.Length; i++)
            {
                var letter = text[i];
                switch (letter)
                {
                    case '\r' when i + 1 < text.Length && text[i + 1] == '\n':
                        break;
                    case '\n' or '\r' or '\u2028' or '\u0085' or '\u2029' or '\f' or '\v':
                        while (clean.Length > 0 && clean[^1] is ' ' or '\t') clean.Length--;
                        if (emptyLines < 2) clean.Append('\n');
                        emptyLines++;
                        break;
                    case '\t':
                        clean.Append('\t');
                        break;
                    case '\u00A0' or '\u202F' or '\u2007' or (>= '\u2000' and <= '\u200A'):
                        clean.Append(' ');
                        break;
                    // Joiners stay: Persian, Hindi and emoji are spelled with them.
                    case < ' ' or '\u007F' or (>= '\u0080' and < '\u00A0') or '\u00AD' or '\u200B' or '\u2060' or '\uFEFF' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\uFFFE' or '\uFFFF':
                        removed++;
                        break;
                    default:
                        clean.Append(letter);
                        if (letter != ' ') emptyLines = 0;
                        break;
                }
            }

            if (removed > 0) counts.Add("invisible characters", removed);
            while (clean.Length > 0 && clean[^1] is ' ' or '\t' or '\n') clean.Length--;
            return clean.ToString();
        }
    }
}

/// <summary>Text in UTF-8 that someone read as Windows-1252.</summary>
internal static class Mojibake
{
    private const int MostRounds = 3;

    /// <summary>
    /// The text put right. A run is put right only where its characters, as bytes of Windows-1252, are well-formed UTF-8 of more than one
    /// byte: that <c>Ã</c> is followed by one of the 64 signs it takes to make one hardly ever happens in a text that is right.
    /// </summary>
    public static string Repair(string text)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var repaired = Once(text);
            if (repaired is null) return text;
            text = repaired;
        }

        return text;
    }

    private static string? Once(string text)
    {
        StringBuilder? repaired = null;
        Span<byte> bytes = stackalloc byte[4];
        var copied = 0;
        for (var i = text.AsSpan().IndexOfAnyInRange('\u00C2', '\u00F4'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] is < '\u00C2' or > '\u00F4') continue;
            var length = text[i] < 0xE0 ? 2 : text[i] < 0xF0 ? 3 : 4;
            if (i + length > text.Length) continue;
            var known = true;
            for (var j = 0; j < length && known; j++)
            {
                var value = Windows1252.ByteOf(text[i + j]);
                known = value >= 0x80;
                bytes[j] = (byte)Math.Max(value, 0);
            }

            if (!known || Rune.DecodeFromUtf8(bytes[..length], out var rune, out var consumed) != System.Buffers.OperationStatus.Done || consumed != length) continue;
            repaired ??= new StringBuilder(text.Length);
            repaired.Append(text, copied, i - copied).Append(rune.ToString());
            i += length - 1;
            copied = i + 1;
        }

        return repaired?.Append(text, copied, text.Length - copied).ToString();
    }
}
