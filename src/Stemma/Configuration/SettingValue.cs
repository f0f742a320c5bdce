using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Stemma.Configuration;

/// <summary>Turns what a person typed, or a JSON value, into the JSON a field takes.</summary>
internal static class SettingValue
{
    /// <summary>What a field of a type takes, in words.</summary>
    public static string TypeName(Type type)
    {
        if (type.IsEnum) return string.Join('|', Names(type));
        if (type == typeof(bool)) return "true|false";
        if (type == typeof(string)) return "text";
        return type == typeof(double) || type == typeof(float) ? "number" : "whole number";
    }

    /// <summary>The JSON of a typed value.</summary>
    /// <exception cref="ConfigurationException">It is not what the field takes.</exception>
    public static JsonNode Parse(string path, Type type, string text)
    {
        if (type == typeof(string) || type.IsEnum) return Checked(path, type, JsonValue.Create(Unquoted(text)));
        try
        {
            if (JsonNode.Parse(text) is { } node) return Checked(path, type, node);
        }
        catch (JsonException)
        {
            // Said below, with the field's name.
        }

        throw Mistyped(path, type, text);
    }

    /// <summary>A copy of a JSON value, if it is what the field takes.</summary>
    /// <exception cref="ConfigurationException">It is not.</exception>
    public static JsonNode Checked(string path, Type type, JsonNode? value)
    {
        var fits = value is JsonValue && value.GetValueKind() switch
        {
            JsonValueKind.String => type == typeof(string) || (type.IsEnum && Names(type).Contains(value.GetValue<string>())),
            JsonValueKind.True or JsonValueKind.False => type == typeof(bool),
            JsonValueKind.Number => IsNumber(type, value.ToJsonString()),
            _ => false,
        };
        return fits ? value!.DeepClone() : throw Mistyped(path, type, value is null ? "null" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString());
    }

    private static ConfigurationException Mistyped(string path, Type type, string text)
    {
        if (type.IsEnum) return new($"{path} is {Quoted(text)}; it is one of {string.Join(", ", Names(type))}.{NearestName.Suggestion(text, Names(type))}");
        var wanted = type == typeof(bool) ? "true or false" : type == typeof(string) ? "text" : type == typeof(double) ? "a number" : type == typeof(ulong) ? "a whole number from 0 to 18446744073709551615" : "a whole number";
        return new($"{path} is {Quoted(text)}; it must be {wanted}.");
    }

    private static bool IsNumber(Type type, string text) =>
        type == typeof(int) ? int.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type == typeof(long) ? long.TryParse(text, CultureInfo.InvariantCulture, out _)
        : type == typeof(ulong) ? ulong.TryParse(text, CultureInfo.InvariantCulture, out _)
        : (type == typeof(double) || type == typeof(float)) && double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    private static string[] Names(Type type)
    {
        var info = StemmaJson.Default.GetTypeInfo(type)!;
        return [.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(type, value), info)!.GetValue<string>())];
    }

    private static string Unquoted(string text) => text is ['"', .., '"'] ? text[1..^1] : text;

    private static string Quoted(string text) => text.Length > 40 ? $"\"{text[..40]}…\"" : $"\"{text}\"";
}
