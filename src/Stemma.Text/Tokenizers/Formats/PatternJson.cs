using System.Text.Json;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Patterns in <c>tokenizer.json</c>: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternJson
{
    public static TextPattern Read(JsonField field)
    {
        field.Only("String", "Regex");
        var (literal, regex) = (field["String"], field["Regex"]);
        if (literal.IsNull == regex.IsNull) throw field.Error("must hold either \"String\" or \"Regex\".");
        var content = (literal.IsNull ? regex : literal).AsString();
        if (content.Length == 0) throw field.Error("is empty.");
        if (regex.IsNull) return new LiteralPattern(content);
        try
        {
            return new RegexPattern(content);
        }
        catch (TextFormatException exception)
        {
            throw regex.Error(exception.Message, exception);
        }
    }

    public static void Write(Utf8JsonWriter json, TextPattern pattern)
    {
        json.WriteStartObject("pattern");
        if (pattern is LiteralPattern literal) json.WriteString("String", literal.Content);
        else json.WriteString("Regex", ((RegexPattern)pattern).Expression);
        json.WriteEndObject();
    }
}
