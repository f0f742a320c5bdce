using System.Text;
using System.Text.Json.Serialization;

namespace Stemma.Curation;

/// <summary>
/// What points to a person: e-mail addresses, telephone numbers, IP addresses, numbers of payment cards (with Luhn's check digit,
/// ISO/IEC 7812). Each becomes a placeholder, or the document is dropped.
/// </summary>
public sealed record PersonalDataStep : LocalStep
{
    private static readonly string[] AllKinds = ["email", "phone", "ip", "card"];

    /// <summary>What is looked for: email, phone, ip, card.</summary>
    public IReadOnlyList<string> Find { get; init; } = AllKinds;

    /// <summary>Whether a document that holds any is dropped; otherwise <c>&lt;email&gt;</c>, <c>&lt;phone&gt;</c>, <c>&lt;ip&gt;</c> and <c>&lt;card&gt;</c> stand in.</summary>
    public bool Drop { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "personal_data";

    internal override void Validate(string field)
    {
        if (Find.Count == 0) throw new ConfigurationException($"{field}.find is empty; it names any of {string.Join(", ", AllKinds)}.");
        foreach (var kind in Find)
            if (!AllKinds.Contains(kind)) throw new ConfigurationException($"{field}.find names \"{kind}\"; it names any of {string.Join(", ", AllKinds)}.");
    }

    internal override DocumentFilter Build(string prepared) => new Filter(this);

    private sealed class Filter(PersonalDataStep step) : DocumentFilter
    {
        private readonly HashSet<string> _kinds = [.. step.Find];

        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            var text = document.Text;
            StringBuilder? redacted = null;
            var copied = 0;
            foreach (var found in PersonalData.Find(text))
            {
                if (!_kinds.Contains(found.Kind)) continue;
                counts.Add(found.Kind);
                if (step.Drop) return found.Kind;
                redacted ??= new StringBuilder(text.Length);
                redacted.Append(text, copied, found.Start - copied).Append('<').Append(found.Kind).Append('>');
                copied = found.End;
            }

            if (redacted is not null) document.Text = redacted.Append(text, copied, text.Length - copied).ToString();
            return null;
        }
    }
}

/// <summary>Finds personal data in one pass over a text, in time linear in its length.</summary>
internal static class PersonalData
{
    private const int MostLocalPart = 64, MostDomain = 255;

    public readonly record struct Found(string Kind, int Start, int End);

    /// <summary>What there is, in order, without overlaps.</summary>
    public static IEnumerable<Found> Find(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '@')
            {
                if (Email(text, i) is not { } email) continue;
                yield return email;
                i = email.End - 1;
            }
            else if (text[i] is '+' or '(' || char.IsAsciiDigit(text[i]))
            {
                if (i > 0 && (char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '_' or '.' or '-' or '/' or '=' or '#' or '$' or '€' or '£')) { i = SkipRun(text, i); continue; }
                if (Number(text, i) is { } number)
                {
                    yield return number;
                    i = number.End - 1;
                }
                else
                {
                    i = SkipRun(text, i);
                }
            }
        }
    }

    private static int SkipRun(string text, int i)
    {
        while (i + 1 < text.Length && (char.IsAsciiLetterOrDigit(text[i + 1]) || text[i + 1] is '.' or '_' && i + 2 < text.Length && char.IsAsciiLetterOrDigit(text[i + 2]))) i++;
        return i;
    }

    private static Found? Email(string text, int at)
    {
        var start = at;
        while (start > 0 && at - start < MostLocalPart && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '_' or '%' or '+' or '-')) start--;
        while (start < at && text[start] is '.' or '-') start++;
        var end = at + 1;
        while (end < text.Length && end - at < MostDomain && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-')) end++;
        while (end > at && text[end - 1] is '.' or '-') end--;
        var domain = text.AsSpan(at + 1, Math.Max(0, end - at - 1));
        var dot = domain.LastIndexOf('.');
        if (start == at || dot <= 0 || domain.Length - dot - 1 < 2 || domain.IndexOf("..") >= 0) return null;
        foreach (var letter in domain[(dot + 1)..])
            if (!char.IsAsciiLetter(letter)) return null;
        return new("email", start, end);
    }

    // Digits with what people put between them; then what they can be.
    private static Found? Number(string text, int start)
    {
        Span<char> digits = stackalloc char[24];
        var (count, end, i, separators, groups) = (0, start, start, 0, 1);
        if (text[i] == '+') i++;
        for (; i < text.Length && count < digits.Length; i++)
        {
            var letter = text[i];
            if (char.IsAsciiDigit(letter))
            {
                if (i > start && !char.IsAsciiDigit(text[i - 1]) && count > 0) groups++;
                digits[count++] = letter;
                (end, separators) = (i + 1, 0);
                continue;
            }

            if (letter is not (' ' or '-' or '.' or '(' or ')' or '/') || ++separators > 2) break;
        }

        if (count == 0 || end < text.Length && (char.IsLetter(text[end]) || text[end] == '_')) return null;
        var run = text.AsSpan(start, end - start);
        if (Ip(text, start) is { } ip) return ip;
        if (count is >= 13 and <= 19 && IsCard(digits[..count], run)) return new("card", start, end);
        return IsPhone(digits[..count], run, groups, run.Count('.')) ? new("phone", start, end) : null;
    }

    private static Found? Ip(string text, int start)
    {
        var (at, part) = (start, 0);
        for (; part < 4; part++)
        {
            var (value, first) = (0, at);
            while (at < text.Length && at - first < 3 && char.IsAsciiDigit(text[at])) value = value * 10 + text[at++] - '0';
            if (at == first || value > 255 || at - first > 1 && text[first] == '0') return null;
            if (part == 3) break;
            if (at >= text.Length || text[at++] != '.') return null;
        }

        // A fifth part, or a digit more, makes it a version or a section.
        var goesOn = at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]));
        var address = text.AsSpan(start, at - start);
        // Addresses that point to nobody, and what is more often a version than an address.
        if (goesOn || address.StartsWith("0.") || address.StartsWith("127.") || address.StartsWith("255.") || address.EndsWith(".0.0.0") || address.EndsWith(".0.0")) return null;
        return new("ip", start, at);
    }

    private static bool IsCard(ReadOnlySpan<char> digits, ReadOnlySpan<char> run)
    {
        // First digits of the large schemes; separators only as cards print them.
        if (digits[0] is not ('3' or '4' or '5' or '6' or '2') || run.IndexOfAny("./()+") >= 0) return false;
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }

        return sum % 10 == 0 && digits.ContainsAnyExcept(digits[0]);
    }

    private static bool IsPhone(ReadOnlySpan<char> digits, ReadOnlySpan<char> run, int groups, int dots)
    {
        if (digits.Length is < 7 or > 15) return false;
        // An international number may stand unbroken; any other has its groups.
        if (run[0] == '+') return digits.Length >= 8;
        if (run.Count('(') != run.Count(')') || run.Count('(') > 1) return false;
        if (run[0] == '(') return groups >= 3 && digits.Length is 10 or 11;
        if (dots > 0 && (dots != groups - 1 || groups < 3)) return false;
        return groups switch
        {
            // 212-555-0187, 0171 555 0187, 1-800-555-0199
            3 => digits.Length is 10 or 11 && LastGroup(run) is 4 or 7 && FirstGroup(run) is 3 or 4 && run.IndexOf('/') < 0,
            4 => digits.Length is 10 or 11 && FirstGroup(run) == 1 && digits[0] == '1' && LastGroup(run) == 4,
            _ => false,
        };
    }

    private static int FirstGroup(ReadOnlySpan<char> run) => run.IndexOfAnyExceptInRange('0', '9') is var at and >= 0 ? at : run.Length;

    private static int LastGroup(ReadOnlySpan<char> run) => run.Length - 1 - run.LastIndexOfAnyExceptInRange('0', '9');
}
