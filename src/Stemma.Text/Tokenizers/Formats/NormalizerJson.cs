using System.Text;
using System.Text.Json;
using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Normalizers in <c>tokenizer.json</c>.</summary>
internal static class NormalizerJson
{
    private const string Supported = "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip, StripAccents";

    public static Normalizer? Read(JsonField field)
    {
        if (field.IsNull) return null;
        switch (field.Type)
        {
            case "NFC": return Plain(field, new UnicodeNormalizer(NormalizationForm.FormC));
            case "NFD": return Plain(field, new UnicodeNormalizer(NormalizationForm.FormD));
            case "NFKC": return Plain(field, new UnicodeNormalizer(NormalizationForm.FormKC));
            case "NFKD": return Plain(field, new UnicodeNormalizer(NormalizationForm.FormKD));
            case "Lowercase": return Plain(field, new LowercaseNormalizer());
            case "StripAccents": return Plain(field, new StripAccentsNormalizer());
            case "Nmt": return Plain(field, new NmtNormalizer());
            case "ByteLevel": return Plain(field, new ByteLevelNormalizer());
            case "Strip":
                field.Only("type", "strip_left", "strip_right");
                return new StripNormalizer(field["strip_left"].AsBool(missing: true), field["strip_right"].AsBool(missing: true));
            case "Replace":
                field.Only("type", "pattern", "content");
                return new ReplaceNormalizer(PatternJson.Read(field["pattern"]), field["content"].AsString());
            case "Prepend":
                return new PrependNormalizer(field.Only("type", "prepend")["prepend"].AsString());
            case "BertNormalizer":
                field.Only("type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase");
                return new BertNormalizer(
                    field["clean_text"].AsBool(missing: true), field["handle_chinese_chars"].AsBool(missing: true),
                    field["strip_accents"].IsNull ? null : field["strip_accents"].AsBool(missing: false), field["lowercase"].AsBool(missing: true));
            case "Precompiled":
                return Precompiled(field.Only("type", "precompiled_charsmap")["precompiled_charsmap"]);
            case "Sequence":
                return new SequenceNormalizer([.. field.Only("type", "normalizers")["normalizers"].Items().Select(item => Read(item) ?? throw item.Error("is null."))]);
            default:
                throw field.Error($"is \"{field.Type}\", which is not supported; supported are {Supported}.");
        }
    }

    public static void Write(Utf8JsonWriter json, Normalizer normalizer)
    {
        json.WriteStartObject();
        switch (normalizer)
        {
            case UnicodeNormalizer unicode:
                json.WriteString("type", unicode.Form switch { NormalizationForm.FormC => "NFC", NormalizationForm.FormD => "NFD", NormalizationForm.FormKC => "NFKC", _ => "NFKD" });
                break;
            case LowercaseNormalizer:
                json.WriteString("type", "Lowercase");
                break;
            case StripAccentsNormalizer:
                json.WriteString("type", "StripAccents");
                break;
            case NmtNormalizer:
                json.WriteString("type", "Nmt");
                break;
            case ByteLevelNormalizer:
                json.WriteString("type", "ByteLevel");
                break;
            case StripNormalizer strip:
                json.WriteString("type", "Strip");
                json.WriteBoolean("strip_left", strip.Left);
                json.WriteBoolean("strip_right", strip.Right);
                break;
            case ReplaceNormalizer replace:
                json.WriteString("type", "Replace");
                PatternJson.Write(json, replace.Pattern);
                json.WriteString("content", replace.Content);
                break;
            case PrependNormalizer prepend:
                json.WriteString("type", "Prepend");
                json.WriteString("prepend", prepend.Content);
                break;
            case BertNormalizer bert:
                json.WriteString("type", "BertNormalizer");
                json.WriteBoolean("clean_text", bert.CleanText);
                json.WriteBoolean("handle_chinese_chars", bert.HandleChineseCharacters);
                if (bert.StripAccents is { } strips) json.WriteBoolean("strip_accents", strips);
                else json.WriteNull("strip_accents");
                json.WriteBoolean("lowercase", bert.Lowercase);
                break;
            case PrecompiledNormalizer precompiled:
                json.WriteString("type", "Precompiled");
                json.WriteBase64String("precompiled_charsmap", precompiled.Data);
                break;
            case SequenceNormalizer sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("normalizers");
                foreach (var part in sequence.Parts) Write(json, part);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{normalizer.GetType().Name} has no form in tokenizer.json.");
        }

        json.WriteEndObject();
    }

    private static Normalizer Plain(JsonField field, Normalizer normalizer)
    {
        field.Only("type");
        return normalizer;
    }

    private static PrecompiledNormalizer Precompiled(JsonField map)
    {
        try
        {
            return new PrecompiledNormalizer(Convert.FromBase64String(map.AsString()));
        }
        catch (FormatException exception)
        {
            throw map.Error("is not base64.", exception);
        }
        catch (TextFormatException exception)
        {
            throw map.Error(exception.Message, exception);
        }
    }
}
