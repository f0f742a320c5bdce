using System.Text.Json;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>A word tokenizer in <c>tokenizer.json</c>: a WordLevel model that splits at white space, see <see cref="WordTokenizer"/>.</summary>
internal static class WordsJson
{
    private const string LineEnd = " </s> ";

    public static WordTokenizer Read(JsonField root)
    {
        var normalizer = root["normalizer"].Only("type", "pattern", "content");
        if (normalizer.IsNull || normalizer.Type != "Replace" || normalizer["pattern"].Only("String")["String"].AsString() != "\n" || normalizer["content"].AsString() != LineEnd)
            throw root["normalizer"].Error($"is not supported; a word tokenizer needs \"Replace\" of a line feed by \"{LineEnd}\".");
        if (root["pre_tokenizer"].IsNull || root["pre_tokenizer"].Type != "WhitespaceSplit")
            throw root["pre_tokenizer"].Error("is not supported; a word tokenizer needs \"WhitespaceSplit\".");
        root["post_processor"].MustBeNull();
        root["decoder"].MustBeNull();
        var model = root["model"].Only("type", "vocab", "unk_token");
        if (model["unk_token"].AsString() != WordTokenizer.SpecialSpellings[WordTokenizer.UnknownId])
            throw model["unk_token"].Error($"is {model["unk_token"].Describe()}; it must be \"{WordTokenizer.SpecialSpellings[WordTokenizer.UnknownId]}\".");
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
