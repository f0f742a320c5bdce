using System.Text;
using System.Text.Json;
using Stemma.Text.Tokenizers.Formats;

namespace Stemma.Text.Chat;

/// <summary>Finds the template in the files that models come with.</summary>
internal static class ChatTemplateFile
{
    private const string ConfigName = "tokenizer_config.json";
    private const string TemplateName = "chat_template.jinja";
    private const long MaxFileSize = 1 << 22;

    public static ChatTemplate Load(string path, string? name)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            var (template, config) = (Path.Combine(path, TemplateName), Path.Combine(path, ConfigName));
            if (File.Exists(template) && name is null) return new(ReadText(template), template, File.Exists(config) ? SpecialTokens(config) : null);
            path = config;
        }

        if (!File.Exists(path)) throw new FileNotFoundException($"There is no chat template at {path}.", path);
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return name is null ? new(ReadText(path), path) : throw new TextFormatException($"{path} is one template; there is no \"{name}\" in it.");
        using var document = TokenizerJson.Parse(path);
        var root = new JsonField(path, "", document.RootElement);
        return new(Choose(root["chat_template"], name), $"{path} chat_template{(name is null ? "" : $" \"{name}\"")}", SpecialTokens(root));
    }

    private static string Choose(JsonField templates, string? name)
    {
        if (templates.IsNull) throw templates.Error("is missing: this model has no chat template.");
        if (templates.Value.ValueKind == JsonValueKind.String)
            return name is null ? templates.AsString() : throw templates.Error($"is one template; there is no \"{name}\" in it.");
        List<string> names = [];
        foreach (var item in templates.Items())
        {
            names.Add(item["name"].AsString());
            if (names[^1] == (name ?? "default")) return item["template"].AsString();
        }

        throw templates.Error($"has no template \"{name ?? "default"}\". It has {string.Join(", ", names)}.");
    }

    private static Dictionary<string, string> SpecialTokens(string config)
    {
        using var document = TokenizerJson.Parse(config);
        return SpecialTokens(new JsonField(config, "", document.RootElement));
    }

    // A spelling, or an object that describes the token; null for a token the model has not.
    private static Dictionary<string, string> SpecialTokens(JsonField root)
    {
        Dictionary<string, string> tokens = new(StringComparer.Ordinal);
        foreach (var name in (string[])["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"])
        {
            var field = root[name];
            if (field.Value.ValueKind == JsonValueKind.Object) field = field["content"];
            if (!field.IsNull) tokens[name] = field.AsString();
        }

        return tokens;
    }

    private static string ReadText(string file)
    {
        if (new FileInfo(file).Length > MaxFileSize) throw new TextFormatException($"{file} is larger than 4 MB; it is not a chat template.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException exception)
        {
            throw new TextFormatException($"{file} is not UTF-8.", exception);
        }
    }
}
