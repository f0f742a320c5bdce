using System.Text.Json;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Pre-tokenizers in <c>tokenizer.json</c>.</summary>
internal static class PreTokenizerJson
{
    private const string Supported = "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, Sequence, Split, UnicodeScripts, Whitespace, WhitespaceSplit";

    public static PreTokenizer? Read(JsonField field)
    {
        if (field.IsNull) return null;
        switch (field.Type)
        {
            case "BertPreTokenizer":
                field.Only("type");
                return new BertPreTokenizer();
            case "Whitespace":
                field.Only("type");
                return new WhitespacePreTokenizer();
            case "WhitespaceSplit":
                field.Only("type");
                return new WhitespaceSplitPreTokenizer();
            case "UnicodeScripts":
                field.Only("type");
                return new ScriptPreTokenizer();
            case "ByteLevel":
                field.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                return new ByteLevelPreTokenizer(field["add_prefix_space"].AsBool(missing: true), field["use_regex"].AsBool(missing: true), field["trim_offsets"].AsBool(missing: true));
            case "CharDelimiterSplit":
                return new DelimiterPreTokenizer(field.Only("type", "delimiter")["delimiter"].AsRune());
            case "Digits":
                return new DigitsPreTokenizer(field.Only("type", "individual_digits")["individual_digits"].AsBool(missing: false));
            case "Punctuation":
                field.Only("type", "behavior");
                return new PunctuationPreTokenizer(field["behavior"].IsNull ? SplitBehavior.Isolated : Behavior(field["behavior"]));
            case "Split":
                field.Only("type", "pattern", "behavior", "invert");
                return new SplitPreTokenizer(PatternJson.Read(field["pattern"]), Behavior(field["behavior"]), field["invert"].AsBool(missing: false));
            case "Metaspace":
                var (replacement, scheme, split) = Metaspace(field);
                return new MetaspacePreTokenizer(replacement, scheme, split);
            case "Sequence":
                return new SequencePreTokenizer([.. field.Only("type", "pretokenizers")["pretokenizers"].Items().Select(item => Read(item) ?? throw item.Error("is null."))]);
            default:
                throw field.Error($"is \"{field.Type}\", which is not supported; supported are {Supported}.");
        }
    }

    /// <summary>The fields of a Metaspace, of a pre-tokenizer or a decoder, in the spellings of all versions.</summary>
    public static (System.Text.Rune Replacement, PrependScheme Scheme, bool Split) Metaspace(JsonField field)
    {
        field.Only("type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split");
        var replacement = field["replacement"].AsRune();
        if (field["str_rep"] is { IsNull: false } spelling && spelling.AsString() != replacement.ToString()) throw spelling.Error($"must be the replacement \"{replacement}\".");
        var prefix = field["add_prefix_space"];
        var scheme = field["prepend_scheme"].IsNull
            ? prefix.AsBool(missing: true) ? PrependScheme.Always : PrependScheme.Never
            : field["prepend_scheme"].AsOneOf(("always", PrependScheme.Always), ("first", PrependScheme.First), ("never", PrependScheme.Never));
        if (!prefix.IsNull && prefix.AsBool(missing: true) == (scheme == PrependScheme.Never)) throw prefix.Error("contradicts prepend_scheme.");
        return (replacement, scheme, field["split"].AsBool(missing: true));
    }

    public static void WriteMetaspace(Utf8JsonWriter json, System.Text.Rune replacement, PrependScheme scheme, bool split)
    {
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", replacement.ToString());
        json.WriteString("prepend_scheme", scheme switch { PrependScheme.Always => "always", PrependScheme.First => "first", _ => "never" });
        json.WriteBoolean("split", split);
    }

    public static void Write(Utf8JsonWriter json, PreTokenizer preTokenizer)
    {
        json.WriteStartObject();
        switch (preTokenizer)
        {
            case BertPreTokenizer:
                json.WriteString("type", "BertPreTokenizer");
                break;
            case WhitespacePreTokenizer:
                json.WriteString("type", "Whitespace");
                break;
            case WhitespaceSplitPreTokenizer:
                json.WriteString("type", "WhitespaceSplit");
                break;
            case ScriptPreTokenizer:
                json.WriteString("type", "UnicodeScripts");
                break;
            case ByteLevelPreTokenizer byteLevel:
                WriteByteLevel(json, byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case DelimiterPreTokenizer delimiter:
                json.WriteString("type", "CharDelimiterSplit");
                json.WriteString("delimiter", delimiter.Delimiter.ToString());
                break;
            case DigitsPreTokenizer digits:
                json.WriteString("type", "Digits");
                json.WriteBoolean("individual_digits", digits.Individual);
                break;
            case PunctuationPreTokenizer punctuation:
                json.WriteString("type", "Punctuation");
                json.WriteString("behavior", punctuation.Behavior.ToString());
                break;
            case SplitPreTokenizer split:
                json.WriteString("type", "Split");
                PatternJson.Write(json, split.Pattern);
                json.WriteString("behavior", split.Behavior.ToString());
                json.WriteBoolean("invert", split.Invert);
                break;
            case MetaspacePreTokenizer metaspace:
                WriteMetaspace(json, metaspace.Replacement, metaspace.Scheme, metaspace.Split);
                break;
            case SequencePreTokenizer sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("pretokenizers");
                foreach (var part in sequence.Parts) Write(json, part);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{preTokenizer.GetType().Name} has no form in tokenizer.json.");
        }

        json.WriteEndObject();
    }

    public static void WriteByteLevel(Utf8JsonWriter json, bool addPrefixSpace, bool trimOffsets, bool useRegex)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", trimOffsets);
        json.WriteBoolean("use_regex", useRegex);
    }

    private static SplitBehavior Behavior(JsonField field) => field.AsOneOf(
        ("Removed", SplitBehavior.Removed), ("Isolated", SplitBehavior.Isolated), ("MergedWithPrevious", SplitBehavior.MergedWithPrevious),
        ("MergedWithNext", SplitBehavior.MergedWithNext), ("Contiguous", SplitBehavior.Contiguous));
}
