using System.Text.Encodings.Web;
using System.Text.Json;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Characters;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Writes <c>tokenizer.json</c> so that Hugging Face's <c>tokenizers</c> reads it. The same tokenizer gives the same bytes.</summary>
internal static class TokenizerJsonWriter
{
    public static void Write(Tokenizer tokenizer, Stream stream)
    {
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        if (tokenizer is PipelineTokenizer { Pipeline: var pipeline })
        {
            PipelineJson.Write(json, pipeline);
            json.WriteEndObject();
            return;
        }

        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, tokenizer.Added.All);
        if (tokenizer is WordTokenizer words) WordsJson.Write(json, words);
        else json.WriteNull("normalizer");
        if (tokenizer is BpeTokenizer bpe) WriteBpe(json, bpe);
        else if (tokenizer is CharacterTokenizer characters) WriteCharacters(json, characters);
        json.WriteEndObject();
    }

    public static void WriteAddedTokens(Utf8JsonWriter json, IReadOnlyList<AddedToken> tokens)
    {
        json.WriteStartArray("added_tokens");
        foreach (var token in tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.IsSingleWord);
            json.WriteBoolean("lstrip", token.StripsLeft);
            json.WriteBoolean("rstrip", token.StripsRight);
            json.WriteBoolean("normalized", token.IsNormalized);
            json.WriteBoolean("special", token.IsSpecial);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteBpe(Utf8JsonWriter json, BpeTokenizer tokenizer)
    {
        WriteByteLevel(json, "pre_tokenizer", tokenizer.AddPrefixSpace);
        WriteByteLevel(json, "post_processor", tokenizer.AddPrefixSpace);
        WriteByteLevel(json, "decoder", tokenizer.AddPrefixSpace);
        WriteModel(json, tokenizer, byteFallback: false, tokenizer.Merges);
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string name, bool addPrefixSpace)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteCharacters(Utf8JsonWriter json, CharacterTokenizer tokenizer)
    {
        json.WriteNull("pre_tokenizer");
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("decoders");
        foreach (var step in tokenizer.HasByteFallback ? (string[])["ByteFallback", "Fuse"] : ["Fuse"])
        {
            json.WriteStartObject();
            json.WriteString("type", step);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        WriteModel(json, tokenizer, tokenizer.HasByteFallback, []);
    }

    private static void WriteModel(Utf8JsonWriter json, Tokenizer tokenizer, bool byteFallback, IReadOnlyList<BpeMerge> merges)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var name in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"]) json.WriteNull(name);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", byteFallback);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        var added = tokenizer.Added.All.Select(token => token.Id).ToHashSet();
        for (var id = 0; id < tokenizer.VocabSize; id++)
            if (!added.Contains(id)) json.WriteNumber(tokenizer.Piece(id), id);
        json.WriteEndObject();

        // Byte-level pieces hold no space, so the older spelling, which every version of the library reads, is unambiguous.
        json.WriteStartArray("merges");
        foreach (var merge in merges) json.WriteStringValue($"{tokenizer.Piece(merge.Left)} {tokenizer.Piece(merge.Right)}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
