using System.Globalization;
using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>
/// Cuts a template into tokens as Jinja 3 does with <c>trim_blocks</c> and <c>lstrip_blocks</c> set, which is how Hugging Face renders
/// chat templates: the line end after a tag goes, and so do the blanks before a tag that stands first on its line; <c>-</c> takes all
/// white space on its side, <c>+</c> keeps it.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] s_operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly TemplateSource source;
    private readonly string text;
    private readonly List<TemplateToken> tokens = [];
    private readonly Stack<(char Closing, int Position)> open = new();
    private int position;
    private bool lineStarting = true;

    private Lexer(TemplateSource source) => (this.source, text) = (source, source.Text);

    public static List<TemplateToken> Tokens(TemplateSource source)
    {
        var lexer = new Lexer(source);
        while (lexer.position < lexer.text.Length) lexer.ReadData();
        lexer.tokens.Add(new(TokenKind.End, "", lexer.text.Length));
        return lexer.tokens;
    }

    private void ReadData()
    {
        var tag = NextTag(position);
        if (tag < 0)
        {
            AddData(position, text.Length);
            position = text.Length;
            return;
        }

        var kind = text[tag + 1];
        var sign = SignAt(tag + 2);
        AddData(position, DataEnd(position, tag, sign, canStrip: kind != '{'));
        position = tag + 2 + (sign == '\0' ? 0 : 1);
        lineStarting = false;
        if (kind == '#') SkipComment(tag);
        else if (kind == '%' && RawBegins(out var rawStart)) ReadRaw(tag, rawStart);
        else ReadTag(tag, isBlock: kind == '%');
    }

    private int NextTag(int from)
    {
        for (var at = text.IndexOf('{', from); at >= 0 && at + 1 < text.Length; at = text.IndexOf('{', at + 1))
            if (text[at + 1] is '{' or '%' or '#') return at;
        return -1;
    }

    private char SignAt(int at) => at < text.Length && text[at] is '-' or '+' ? text[at] : '\0';

    /// <summary>Where the data before a tag ends, after the tag has taken the white space that it takes.</summary>
    private int DataEnd(int start, int tag, char sign, bool canStrip)
    {
        var end = tag;
        if (sign == '-')
        {
            while (end > start && PythonText.IsSpace(text[end - 1])) end--;
        }
        else if (sign != '+' && canStrip)
        {
            var line = end > start ? text.LastIndexOf('\n', end - 1, end - start) + 1 : 0;
            if (line == 0) line = start;
            if (line > start || lineStarting)
            {
                var at = line;
                while (at < end && PythonText.IsSpace(text[at])) at++;
                if (at == end) end = line;
            }
        }

        return end;
    }

    private void AddData(int start, int end)
    {
        if (end > start) tokens.Add(new(TokenKind.Data, text[start..end], start));
    }

    private void SkipComment(int tag)
    {
        var end = text.IndexOf("#}", position, StringComparison.Ordinal);
        if (end < 0) throw source.Error(tag, "the comment has no end \"#}\".");
        AfterTag(end > position ? text[end - 1] : '\0', end + 2, trims: true);
    }

    private bool RawBegins(out int contentStart)
    {
        contentStart = SkipSpace(position);
        if (!text.AsSpan(contentStart).StartsWith("raw", StringComparison.Ordinal)) return false;
        contentStart = SkipSpace(contentStart + 3);
        if (text.AsSpan(contentStart).StartsWith("-%}", StringComparison.Ordinal)) contentStart = SkipSpace(contentStart + 3);
        else if (text.AsSpan(contentStart).StartsWith("%}", StringComparison.Ordinal)) contentStart += 2;
        else return false;
        return true;
    }

    private void ReadRaw(int tag, int contentStart)
    {
        lineStarting = text[contentStart - 1] == '\n';
        for (var at = text.IndexOf("{%", contentStart, StringComparison.Ordinal); at >= 0; at = text.IndexOf("{%", at + 2, StringComparison.Ordinal))
        {
            var sign = SignAt(at + 2);
            var name = SkipSpace(at + 2 + (sign == '\0' ? 0 : 1));
            if (!text.AsSpan(name).StartsWith("endraw", StringComparison.Ordinal)) continue;
            var end = SkipSpace(name + 6);
            var endSign = SignAt(end);
            if (endSign != '\0') end++;
            if (!text.AsSpan(end).StartsWith("%}", StringComparison.Ordinal)) continue;
            AddData(contentStart, DataEnd(contentStart, at, sign, canStrip: true));
            AfterTag(endSign, end + 2, trims: true);
            return;
        }

        throw source.Error(tag, "\"raw\" has no end \"{% endraw %}\".");
    }

    private void ReadTag(int tag, bool isBlock)
    {
        tokens.Add(new(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, text.Substring(tag, 2), tag));
        var closing = isBlock ? "%}" : "}}";
        while (true)
        {
            position = SkipSpace(position);
            if (position >= text.Length) throw source.Error(tag, $"the tag has no end \"{closing}\".");
            var sign = text[position] is '-' || (isBlock && text[position] is '+') ? text[position] : '\0';
            var end = position + (sign == '\0' ? 0 : 1);
            if (open.Count == 0 && text.AsSpan(end).StartsWith(closing, StringComparison.Ordinal))
            {
                tokens.Add(new(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, closing, position));
                AfterTag(sign, end + 2, trims: isBlock);
                return;
            }

            ReadToken();
        }
    }

    /// <summary>Goes on after a tag's end: <c>-</c> takes all white space, <c>+</c> none, otherwise a tag that trims takes one line end.</summary>
    private void AfterTag(char sign, int end, bool trims)
    {
        position = end;
        if (sign == '-') position = SkipSpace(position);
        else if (sign != '+' && trims && position < text.Length && text[position] == '\n') position++;
        lineStarting = text[position - 1] == '\n';
    }

    private void ReadToken()
    {
        var start = position;
        var first = text[start];
        if (char.IsAsciiDigit(first)) ReadNumber();
        else if (first == '_' || char.IsLetter(first)) ReadName();
        else if (first is '\'' or '"') ReadString(first);
        else ReadOperator();
    }

    private void ReadName()
    {
        var start = position;
        while (position < text.Length && (text[position] == '_' || char.IsLetterOrDigit(text[position]))) position++;
        tokens.Add(new(TokenKind.Name, text[start..position], start));
    }

    private void ReadNumber()
    {
        var start = position;
        SkipDigits();
        var isFloat = position + 1 < text.Length && text[position] == '.' && char.IsAsciiDigit(text[position + 1]);
        if (isFloat)
        {
            position++;
            SkipDigits();
        }

        if (position < text.Length && text[position] is 'e' or 'E')
        {
            var digits = position + 1 < text.Length && text[position + 1] is '+' or '-' ? position + 2 : position + 1;
            if (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                position = digits;
                SkipDigits();
                isFloat = true;
            }
        }

        if (position < text.Length && (char.IsLetter(text[position]) || text[position] == '_'))
            throw source.Error(start, "the number is followed by a letter; only decimal numbers are supported.");
        var spelling = text[start..position].Replace("_", "", StringComparison.Ordinal);
        if (!isFloat && !long.TryParse(spelling, NumberStyles.None, CultureInfo.InvariantCulture, out _)) throw source.Error(start, $"the number {spelling} is too large.");
        tokens.Add(new(isFloat ? TokenKind.Float : TokenKind.Integer, spelling, start));
    }

    private void SkipDigits()
    {
        while (position < text.Length && (char.IsAsciiDigit(text[position]) || (text[position] == '_' && position + 1 < text.Length && char.IsAsciiDigit(text[position + 1])))) position++;
    }

    private void ReadString(char quote)
    {
        var start = position++;
        var value = new StringBuilder();
        while (true)
        {
            if (position >= text.Length) throw source.Error(start, "the string has no end.");
            var next = text[position++];
            if (next == quote) break;
            if (next == '\\' && position < text.Length) ReadEscape(value);
            else value.Append(next);
        }

        tokens.Add(new(TokenKind.String, value.ToString(), start));
    }

    // As Python reads escapes: an unknown one stays as it is spelled.
    private void ReadEscape(StringBuilder value)
    {
        var at = position - 1;
        var letter = text[position++];
        switch (letter)
        {
            case '\n': break;
            case '\\' or '\'' or '"': value.Append(letter); break;
            case 'a': value.Append('\a'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'n': value.Append('\n'); break;
            case 'r': value.Append('\r'); break;
            case 't': value.Append('\t'); break;
            case 'v': value.Append('\v'); break;
            case 'x': AppendCode(value, at, 2); break;
            case 'u': AppendCode(value, at, 4); break;
            case 'U': AppendCode(value, at, 8); break;
            case 'N': throw source.Error(at, "characters by name (\\N) are not supported; write \\u and four digits.");
            case >= '0' and <= '7':
                var code = letter - '0';
                for (var digit = 1; digit < 3 && position < text.Length && text[position] is >= '0' and <= '7'; digit++) code = (code * 8) + (text[position++] - '0');
                value.Append((char)code);
                break;
            default: value.Append('\\').Append(letter); break;
        }
    }

    private void AppendCode(StringBuilder value, int at, int digits)
    {
        if (position + digits > text.Length || !uint.TryParse(text.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10FFFF)
            throw source.Error(at, $"\\{text[at + 1]} needs {digits} hexadecimal digits of a character.");
        position += digits;
        if (code < 0x10000) value.Append((char)code);
        else value.Append(char.ConvertFromUtf32((int)code));
    }

    private void ReadOperator()
    {
        var rest = text.AsSpan(position);
        foreach (var spelling in s_operators)
        {
            if (!rest.StartsWith(spelling, StringComparison.Ordinal)) continue;
            if (spelling is "(" or "[" or "{") open.Push((spelling[0] switch { '(' => ')', '[' => ']', _ => '}' }, position));
            else if (spelling is ")" or "]" or "}" && (!open.TryPop(out var expected) || expected.Closing != spelling[0]))
                throw source.Error(position, $"\"{spelling}\" closes nothing that is open here.");
            tokens.Add(new(TokenKind.Operator, spelling, position));
            position += spelling.Length;
            return;
        }

        throw source.Error(position, $"the character {PythonText.Repr(char.IsSurrogate(rest[0]) && rest.Length > 1 ? rest[..2].ToString() : rest[..1].ToString())} has no meaning in a tag.");
    }

    private int SkipSpace(int at)
    {
        while (at < text.Length && PythonText.IsSpace(text[at])) at++;
        return at;
    }
}
