using System.Text.Json;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>A word tokenizer in <c>tokenizer.json</c>: a WordLevel model that splits at white space, see <see cref="WordTokenizer"/>.</summary>
internal static class WordsJson
{
    private const string LineEnd = " </s> ";

    /// <summary>Whether a file is what <see cref="WordTokenizer"/> does and nothing beyond it.</summary>
    public static bool Fits(JsonField root)
    {
        var normalizer = root["normalizer"];
        return !normalizer.IsNull && normalizer.Type == "Replace" && normalizer["pattern"]["String"] is { IsNull: false } pattern && pattern.AsString() == "\n"
            && normalizer["content"].AsString() == LineEnd && !root["pre_tokenizer"].IsNull && root["pre_tokenizer"].Type == "WhitespaceSplit" && root["post_processor"].IsNull
            && root["decoder"].IsNull && root["truncation"].IsNull && root["padding"].IsNull
            && root["model"]["unk_token"] is { IsNull: false } unknown && unknown.AsString() == WordTokenizer.SpecialSpellings[WordTokenizer.UnknownId];
    }

    public static WordTokenizer Read(JsonField root)
    {
        root["normalizer"].Only("type", "pattern", "content");
        var model = root["model"].Only("type", "vocab", "unk_token");
        var vocab = model["vocab"];
        var pieces = new TokenTable(vocab, TokenizerJson.AddedTokens(root)).InOrder();
        if (!pieces.AsSpan(0, Math.Min(pieces.Length, WordTokenizer.SpecialSpellings.Length)).SequenceEqual(WordTokenizer.SpecialSpellings))
            throw vocab.Error($"does not begin with {string.Join(", ", WordTokenizer.SpecialSpellings)}.");
        try
        {
            return WordTokenizer.Create(pieces.Skip(WordTokenizer.SpecialSpellings.Length));
        }
        catch (TextFormatException error)
        {
            throw vocab.Error($"cannot be that of a word tokenizer. {error.Message}");
        }
    }

    public static void Write(Utf8JsonWriter json, WordTokenizer tokenizer)
    {
        json.WriteStartObject("normalizer");
        json.WriteString("type", "Replace");
        json.WriteStartObject("pattern");
        json.WriteString("String", "\n");
        json.WriteEndObject();
        json.WriteString("content", LineEnd);
        json.WriteEndObject();
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
        json.WriteNull("post_processor");
        json.WriteNull("decoder");
        json.WriteStartObject("model");
        json.WriteString("type", "WordLevel");
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokenizer.VocabSize; id++) json.WriteNumber(tokenizer.Piece(id), id);
        json.WriteEndObject();
        json.WriteString("unk_token", tokenizer.Piece(WordTokenizer.UnknownId));
        json.WriteEndObject();
    }
}
