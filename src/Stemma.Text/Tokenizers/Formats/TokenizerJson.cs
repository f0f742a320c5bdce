using System.IO.Compression;
using System.Text.Json;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. A file that is a byte-level BPE, a character or a word tokenizer of our own becomes that; any other a
/// pipeline. A component or a field that is not supported is an error that names it; nothing is skipped.
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
        var model = root["model"];
        if (model.IsNull) throw root.Error("has no \"model\"; it is not a tokenizer.json.");
        var kind = ModelJson.Kind(model);
        if (kind == "WordLevel" && WordsJson.Fits(root)) return WordsJson.Read(root);
        if (kind == "BPE" && BpeJson.Fits(root)) return BpeJson.Read(root);
        if (kind == "BPE" && CharacterJson.Fits(root)) return CharacterJson.Read(root);
        return PipelineJson.Read(root);
    }

    public static JsonDocument Parse(string file)
    {
        if (new FileInfo(file).Length > MaxFileSize) throw new TextFormatException($"{file} is larger than 512 MB; it is not a tokenizer.");
        try
        {
            return JsonDocument.Parse(file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Unpack(file) : File.ReadAllBytes(file));
        }
        catch (InvalidDataException exception)
        {
            throw new TextFormatException($"{file} is not gzip, or damaged.", exception);
        }
        catch (JsonException exception)
        {
            throw new TextFormatException($"{file} is not JSON (line {exception.LineNumber + 1}).", exception);
        }
    }

    private static byte[] Unpack(string file)
    {
        using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) is var count and > 0)
        {
            if (unpacked.Length + count > MaxFileSize) throw new TextFormatException($"{file} unpacks to more than 512 MB; it is not a tokenizer.");
            unpacked.Write(buffer, 0, count);
        }

        return unpacked.ToArray();
    }

    /// <summary>The <c>added_tokens</c> of a file.</summary>
    public static List<AddedToken> AddedTokens(JsonField root)
    {
        List<AddedToken> added = [];
        HashSet<string> contents = new(StringComparer.Ordinal);
        if (root["added_tokens"] is not { IsNull: false } list) return added;
        foreach (var item in list.Items())
        {
            item.Only("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            var content = item["content"].AsString();
            if (content.Length == 0) throw item["content"].Error("is empty.");
            if (!contents.Add(content)) throw item["content"].Error($"repeats the token \"{content}\".");
            var special = item["special"].AsBool(missing: false);
            added.Add(new AddedToken(
                item["id"].AsId(), content, special, item["normalized"].AsBool(missing: !special),
                item["single_word"].AsBool(missing: false), item["lstrip"].AsBool(missing: false), item["rstrip"].AsBool(missing: false)));
        }

        return added;
    }
}
