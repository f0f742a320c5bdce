using System.Text.Json;
using Stemma.Text.Tokenizers.PostProcessors;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Post-processors in <c>tokenizer.json</c>.</summary>
internal static class PostProcessorJson
{
    private const string Supported = "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing";

    /// <summary>Reads one; the ids it names must be those of the tokenizer.</summary>
    public static PostProcessor? Read(JsonField field, int vocabSize)
    {
        if (field.IsNull) return null;
        switch (field.Type)
        {
            case "ByteLevel":
                field.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                return new ByteLevelPostProcessor(field["add_prefix_space"].AsBool(missing: true), field["trim_offsets"].AsBool(missing: true), field["use_regex"].AsBool(missing: true));
            case "BertProcessing":
                field.Only("type", "sep", "cls");
                return new BertPostProcessor(Token(field["sep"], vocabSize), Token(field["cls"], vocabSize));
            case "RobertaProcessing":
                field.Only("type", "sep", "cls", "trim_offsets", "add_prefix_space");
                return new RobertaPostProcessor(
                    Token(field["sep"], vocabSize), Token(field["cls"], vocabSize), field["trim_offsets"].AsBool(missing: true), field["add_prefix_space"].AsBool(missing: true));
            case "TemplateProcessing":
                return Template(field.Only("type", "single", "pair", "special_tokens"), vocabSize);
            case "Sequence":
                return new SequencePostProcessor([.. field.Only("type", "processors")["processors"].Items().Select(item => Read(item, vocabSize) ?? throw item.Error("is null."))]);
            default:
                throw field.Error($"is \"{field.Type}\", which is not supported; supported are {Supported}.");
        }
    }

    public static void Write(Utf8JsonWriter json, PostProcessor processor)
    {
        json.WriteStartObject();
        switch (processor)
        {
            case ByteLevelPostProcessor byteLevel:
                PreTokenizerJson.WriteByteLevel(json, byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case BertPostProcessor bert:
                json.WriteString("type", "BertProcessing");
                Write(json, "sep", bert.Separator);
                Write(json, "cls", bert.Classifier);
                break;
            case RobertaPostProcessor roberta:
                json.WriteString("type", "RobertaProcessing");
                Write(json, "sep", roberta.Separator);
                Write(json, "cls", roberta.Classifier);
                json.WriteBoolean("trim_offsets", roberta.TrimOffsets);
                json.WriteBoolean("add_prefix_space", roberta.AddPrefixSpace);
                break;
            case TemplatePostProcessor template:
                json.WriteString("type", "TemplateProcessing");
                Write(json, "single", template.Single);
                Write(json, "pair", template.Pair);
                json.WriteStartObject("special_tokens");
                foreach (var (name, token) in template.SpecialTokens.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    json.WriteStartObject(name);
                    json.WriteString("id", name);
                    json.WriteStartArray("ids");
                    foreach (var id in token.Ids) json.WriteNumberValue(id);
                    json.WriteEndArray();
                    json.WriteStartArray("tokens");
                    foreach (var piece in token.Pieces) json.WriteStringValue(piece);
                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndObject();
                break;
            case SequencePostProcessor sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("processors");
                foreach (var part in sequence.Parts) Write(json, part);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{processor.GetType().Name} has no form in tokenizer.json.");
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, SpecialToken token)
    {
        json.WriteStartArray(name);
        json.WriteStringValue(token.Piece);
        json.WriteNumberValue(token.Id);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<TemplatePiece> pieces)
    {
        json.WriteStartArray(name);
        foreach (var piece in pieces)
        {
            json.WriteStartObject();
            json.WriteStartObject(piece.IsText ? "Sequence" : "SpecialToken");
            json.WriteString("id", piece.Name);
            json.WriteNumber("type_id", piece.TypeId);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static SpecialToken Token(JsonField field, int vocabSize)
    {
        JsonField[] parts = [.. field.Items()];
        if (parts.Length != 2) throw field.Error("must be a token and its id, [\"[SEP]\", 102].");
        return new SpecialToken(parts[0].AsString(), Id(parts[1], vocabSize));
    }

    private static int Id(JsonField field, int vocabSize) =>
        field.AsId() is var id && id < vocabSize ? id : throw field.Error($"is {id}; the tokenizer has the ids 0 to {vocabSize - 1}.");

    private static TemplatePostProcessor Template(JsonField field, int vocabSize)
    {
        Dictionary<string, TemplateToken> tokens = new(StringComparer.Ordinal);
        foreach (var (name, token) in field["special_tokens"].Members())
        {
            token.Only("id", "ids", "tokens");
            if (token["id"].AsString() != name) throw token["id"].Error($"must be \"{name}\".");
            var (ids, pieces) = (token["ids"].Items().Select(id => Id(id, vocabSize)).ToArray(), token["tokens"].Items().Select(piece => piece.AsString()).ToArray());
            if (ids.Length == 0 || ids.Length != pieces.Length) throw token.Error($"has {ids.Length} ids and {pieces.Length} tokens; there must be as many, and at least one.");
            if (!tokens.TryAdd(name, new TemplateToken(ids, pieces))) throw token.Error("is there twice.");
        }

        var single = Pieces(field["single"], tokens);
        if (single.Any(piece => piece is { IsText: true, Name: "B" })) throw field["single"].Error("names the text \"B\", which only \"pair\" may.");
        return new TemplatePostProcessor(single, Pieces(field["pair"], tokens), tokens);
    }

    private static List<TemplatePiece> Pieces(JsonField field, Dictionary<string, TemplateToken> tokens)
    {
        List<TemplatePiece> pieces = [];
        foreach (var item in field.Items())
        {
            item.Only("SpecialToken", "Sequence");
            var isText = item["SpecialToken"].IsNull;
            var piece = (isText ? item["Sequence"] : item["SpecialToken"]).Only("id", "type_id");
            var name = isText ? piece["id"].AsOneOf(("A", "A"), ("B", "B")) : piece["id"].AsString();
            if (!isText && !tokens.ContainsKey(name)) throw piece["id"].Error($"names \"{name}\", which is not in special_tokens.");
            pieces.Add(new TemplatePiece(name, isText, piece["type_id"].AsInt(0)));
        }

        return pieces;
    }
}
