using System.Text.Json;
using Stemma.Text.Tokenizers.Decoders;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Decoders in <c>tokenizer.json</c>.</summary>
internal static class DecoderJson
{
    private const string Supported = "BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip, WordPiece";

    public static TokenDecoder? Read(JsonField field)
    {
        if (field.IsNull) return null;
        switch (field.Type)
        {
            case "ByteFallback":
                field.Only("type");
                return new ByteFallbackDecoder();
            case "Fuse":
                field.Only("type");
                return new FuseDecoder();
            case "ByteLevel":
                field.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
                return new ByteLevelDecoder(field["add_prefix_space"].AsBool(missing: true), field["trim_offsets"].AsBool(missing: true), field["use_regex"].AsBool(missing: true));
            case "WordPiece":
                field.Only("type", "prefix", "cleanup");
                return new WordPieceDecoder(field["prefix"].AsString(), field["cleanup"].AsBool(missing: true));
            case "Metaspace":
                var (replacement, scheme, split) = PreTokenizerJson.Metaspace(field);
                return new MetaspaceDecoder(replacement, scheme, split);
            case "BPEDecoder":
                return field.Only("type", "suffix")["suffix"] is var suffix && suffix.AsString().Length > 0 ? new SuffixDecoder(suffix.AsString()) : throw suffix.Error("is empty.");
            case "Strip":
                field.Only("type", "content", "start", "stop");
                return new StripDecoder(field["content"].AsRune(), field["start"].AsInt(0), field["stop"].AsInt(0));
            case "Replace":
                field.Only("type", "pattern", "content");
                return new ReplaceDecoder(PatternJson.Read(field["pattern"]), field["content"].AsString());
            case "CTC":
                field.Only("type", "pad_token", "word_delimiter_token", "cleanup");
                return new CtcDecoder(field["pad_token"].AsString(), field["word_delimiter_token"].AsString(), field["cleanup"].AsBool(missing: true));
            case "Sequence":
                return new SequenceDecoder([.. field.Only("type", "decoders")["decoders"].Items().Select(item => Read(item) ?? throw item.Error("is null."))]);
            default:
                throw field.Error($"is \"{field.Type}\", which is not supported; supported are {Supported}.");
        }
    }

    public static void Write(Utf8JsonWriter json, TokenDecoder decoder)
    {
        json.WriteStartObject();
        switch (decoder)
        {
            case ByteFallbackDecoder:
                json.WriteString("type", "ByteFallback");
                break;
            case FuseDecoder:
                json.WriteString("type", "Fuse");
                break;
            case ByteLevelDecoder byteLevel:
                PreTokenizerJson.WriteByteLevel(json, byteLevel.AddPrefixSpace, byteLevel.TrimOffsets, byteLevel.UseRegex);
                break;
            case WordPieceDecoder wordPiece:
                json.WriteString("type", "WordPiece");
                json.WriteString("prefix", wordPiece.Prefix);
                json.WriteBoolean("cleanup", wordPiece.Cleanup);
                break;
            case MetaspaceDecoder metaspace:
                PreTokenizerJson.WriteMetaspace(json, metaspace.Replacement, metaspace.Scheme, metaspace.Split);
                break;
            case SuffixDecoder suffix:
                json.WriteString("type", "BPEDecoder");
                json.WriteString("suffix", suffix.Suffix);
                break;
            case StripDecoder strip:
                json.WriteString("type", "Strip");
                json.WriteString("content", strip.Content.ToString());
                json.WriteNumber("start", strip.StartCount);
                json.WriteNumber("stop", strip.StopCount);
                break;
            case ReplaceDecoder replace:
                json.WriteString("type", "Replace");
                PatternJson.Write(json, replace.Pattern);
                json.WriteString("content", replace.Content);
                break;
            case CtcDecoder ctc:
                json.WriteString("type", "CTC");
                json.WriteString("pad_token", ctc.PadToken);
                json.WriteString("word_delimiter_token", ctc.WordDelimiter);
                json.WriteBoolean("cleanup", ctc.Cleanup);
                break;
            case SequenceDecoder sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("decoders");
                foreach (var part in sequence.Parts) Write(json, part);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{decoder.GetType().Name} has no form in tokenizer.json.");
        }

        json.WriteEndObject();
    }
}
