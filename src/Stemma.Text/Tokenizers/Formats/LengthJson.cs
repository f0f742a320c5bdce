using System.Text.Json;
using Stemma.Text.Tokenizers.PostProcessors;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary><c>truncation</c> and <c>padding</c> in <c>tokenizer.json</c>.</summary>
internal static class LengthJson
{
    public static Truncation? ReadTruncation(JsonField field)
    {
        if (field.IsNull) return null;
        field.Only("direction", "max_length", "strategy", "stride");
        return new Truncation(
            field["max_length"].AsInt(0),
            field["stride"].IsNull ? 0 : field["stride"].AsInt(0),
            field["strategy"].IsNull ? TruncationStrategy.LongestFirst : field["strategy"].AsOneOf(
                ("LongestFirst", TruncationStrategy.LongestFirst), ("OnlyFirst", TruncationStrategy.OnlyFirst), ("OnlySecond", TruncationStrategy.OnlySecond)),
            IsLeft(field["direction"]));
    }

    public static Padding? ReadPadding(JsonField field, int vocabSize)
    {
        if (field.IsNull) return null;
        field.Only("strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token");
        var strategy = field["strategy"];
        int? length = strategy.Value.ValueKind == JsonValueKind.Object
            ? strategy.Only("Fixed")["Fixed"].AsInt(0)
            : strategy.AsOneOf<int?>(("BatchLongest", null));
        var id = field["pad_id"];
        if (id.AsId() >= vocabSize) throw id.Error($"is {id.AsId()}; the tokenizer has the ids 0 to {vocabSize - 1}.");
        return new Padding(
            length, new SpecialToken(field["pad_token"].AsString(), id.AsId()), field["pad_type_id"].IsNull ? 0 : field["pad_type_id"].AsInt(0),
            field["pad_to_multiple_of"].IsNull ? null : field["pad_to_multiple_of"].AsInt(0), IsLeft(field["direction"]));
    }

    public static void Write(Utf8JsonWriter json, Truncation? truncation)
    {
        if (truncation is null)
        {
            json.WriteNull("truncation");
            return;
        }

        json.WriteStartObject("truncation");
        json.WriteString("direction", truncation.FromLeft ? "Left" : "Right");
        json.WriteNumber("max_length", truncation.MaxLength);
        json.WriteString("strategy", truncation.Strategy.ToString());
        json.WriteNumber("stride", truncation.Stride);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Padding? padding)
    {
        if (padding is null)
        {
            json.WriteNull("padding");
            return;
        }

        json.WriteStartObject("padding");
        if (padding.Length is { } length)
        {
            json.WriteStartObject("strategy");
            json.WriteNumber("Fixed", length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("strategy", "BatchLongest");
        }

        json.WriteString("direction", padding.OnLeft ? "Left" : "Right");
        if (padding.MultipleOf is { } multiple) json.WriteNumber("pad_to_multiple_of", multiple);
        else json.WriteNull("pad_to_multiple_of");
        json.WriteNumber("pad_id", padding.Token.Id);
        json.WriteNumber("pad_type_id", padding.TypeId);
        json.WriteString("pad_token", padding.Token.Piece);
        json.WriteEndObject();
    }

    private static bool IsLeft(JsonField field) => !field.IsNull && field.AsOneOf(("Left", true), ("Right", false));
}
