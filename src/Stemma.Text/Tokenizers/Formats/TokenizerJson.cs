using System.Text.Json;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>: byte-level BPE, character and word tokenizers. Any component beyond these is an error
/// that names it; nothing is skipped.
/// </summary>
internal static class TokenizerJson
{
    public const string FileName = "tokenizer.json";

    private const long MaxFileSize = 1L << 29;

    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no tokenizer at {file}.", file);
        using var document = Parse(file);
        var root = new JsonField(file, "", document.RootElement).Only(
            "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        root["truncation"].MustBeNull();
        root["padding"].MustBeNull();
        var model = root["model"];
        if (model.IsNull) throw root.Error("has no \"model\"; it is not a tokenizer.json.");
        if (!model["type"].IsNull && model.Type == "WordLevel") return WordsJson.Read(root);
        if (!model["type"].IsNull && model.Type != "BPE") throw model["type"].Error($"is \"{model.Type}\", which is not supported; supported are \"BPE\" and \"WordLevel\".");
        root["normalizer"].MustBeNull();
        model.Only(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        if (model["dropout"] is { IsNull: false } dropout && !(dropout.Value.ValueKind == JsonValueKind.Number && dropout.Value.GetDouble() == 0))
            throw dropout.Error("is set, which is not supported; it must be null.");
        MustBeEmpty(model["continuing_subword_prefix"]);
        MustBeEmpty(model["end_of_word_suffix"]);
        model["ignore_merges"].MustBeFalse();
        return root["pre_tokenizer"].IsNull ? CharacterJson.Read(root) : BpeJson.Read(root);
    }

    public static JsonDocument Parse(string file)
    {
        if (new FileInfo(file).Length > MaxFileSize) throw new TextFormatException($"{file} is larger than 512 MB; it is not a tokenizer.");
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file));
        }
        catch (JsonException exception)
        {
            throw new TextFormatException($"{file} is not JSON (line {exception.LineNumber + 1}).", exception);
        }
    }

    /// <summary>The <c>added_tokens</c> of a file.</summary>
    public static List<AddedToken> AddedTokens(JsonField root)
    {
        List<AddedToken> added = [];
        if (root["added_tokens"] is not { IsNull: false } list) return added;
        foreach (var item in list.Items())
        {
            item.Only("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            item["single_word"].MustBeFalse();
            item["lstrip"].MustBeFalse();
            item["rstrip"].MustBeFalse();
            var content = item["content"].AsString();
            if (content.Length == 0) throw item["content"].Error("is empty.");
            if (added.Exists(token => token.Content == content)) throw item["content"].Error($"repeats the token \"{content}\".");
            var special = item["special"].AsBool(missing: false);
            added.Add(new AddedToken(item["id"].AsId(), content, special, item["normalized"].AsBool(missing: !special)));
        }

        return added;
    }

    private static void MustBeEmpty(JsonField field)
    {
        if (!field.IsNull && field.AsString().Length > 0) throw field.Error($"is {field.Describe()}, which is not supported; it must be null.");
    }
}
