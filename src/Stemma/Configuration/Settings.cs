using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Training;

namespace Stemma.Configuration;

/// <summary>
/// A run's configuration as text: every field of <see cref="TrainingRun"/> by its dotted path (<c>model.layer_count</c>), and
/// whole or partial runs as JSON. Unknown and mistyped fields are errors that name the field and the way out.
/// </summary>
public static class Settings
{
    private static readonly Lazy<IReadOnlyList<Setting>> Listed = new(() => [.. List(Part.Root, "", Part.Root.Defaults())]);

    /// <summary>Every setting in the order of the JSON. A path appears once per default where kinds of its part differ in it.</summary>
    public static IReadOnlyList<Setting> All => Listed.Value;

    /// <summary>A run with some fields set.</summary>
    /// <param name="run">What to start from.</param>
    /// <param name="assignments">
    /// <c>path=value</c>, a value being JSON or plain text. Setting <c>optimizer.kind</c> and its like changes the part: fields that
    /// all its kinds have keep their values, the others get the new kind's. Kinds are set first, wherever they stand, outer parts before inner ones.
    /// </param>
    /// <exception cref="ConfigurationException">An unknown field, a value of another type, or a field without a value.</exception>
    public static TrainingRun Apply(TrainingRun run, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(assignments);
        var document = new SettingsDocument(run);
        foreach (var (path, value) in assignments.Select(Divide).OrderBy(pair => pair.Path.EndsWith("." + Part.KindField, StringComparison.Ordinal) ? pair.Path.Count(c => c == '.') : int.MaxValue))
            document.Set(path, value);
        return document.ToRun();
    }

    /// <summary>A run from JSON. Fields it lacks keep the values of <paramref name="basis"/>.</summary>
    /// <param name="json">A JSON object; comments and trailing commas are allowed.</param>
    /// <param name="source">Its name in error messages: a file.</param>
    /// <param name="basis">What to start from; the defaults when null.</param>
    /// <exception cref="ConfigurationException">It is not JSON, or has an unknown or mistyped field.</exception>
    public static TrainingRun Read(string json, string source, TrainingRun? basis = null)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException(exception.LineNumber is { } line ? $"{source} is not JSON (line {line + 1})." : $"{source} sets a field twice.");
        }

        if (node is not JsonObject overlay) throw new ConfigurationException($"{source} is not a JSON object.");
        try
        {
            var document = new SettingsDocument(basis ?? new());
            document.Merge(overlay);
            return document.ToRun();
        }
        catch (ConfigurationException exception)
        {
            throw new ConfigurationException($"{source}: {exception.Message}");
        }
    }

    /// <summary>The whole run as JSON: what <c>run.json</c> holds.</summary>
    public static string Write(TrainingRun run) => JsonSerializer.Serialize(run, StemmaJson.Default.TrainingRun);

    /// <summary>The setting at a path; null when there is none.</summary>
    internal static Setting? Find(string path) => All.FirstOrDefault(setting => setting.Path == path);

    private static (string Path, string Value) Divide(string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (assignment[..equals].Trim(), assignment[(equals + 1)..].Trim())
            : throw new ConfigurationException($"\"{assignment}\" is not a setting; write path=value, for example model.layer_count=8.");
    }

    private static IEnumerable<Setting> List(Part part, string prefix, JsonObject defaults)
    {
        if (part.Kinds.Count == 0)
        {
            foreach (var setting in ListFields(part, prefix, defaults)) yield return setting;
            yield break;
        }

        var usual = defaults[Part.KindField]!.GetValue<string>();
        var path = $"{prefix}{Part.KindField}";
        yield return new(path, string.Join('|', part.Kinds), usual, SettingMeanings.OfKind(part.Type));
        var perKind = part.Kinds.SelectMany(kind => ListFields(part.Of(kind)!, prefix, kind == usual ? defaults : part.Of(kind)!.Defaults()).Select(setting => (Kind: kind, Setting: setting)));
        // A field that several kinds have alike is one setting; one that all have depends on none.
        foreach (var group in perKind.GroupBy(field => (field.Setting.Path, field.Setting.Type, field.Setting.Default, field.Setting.Meaning, Inner: string.Join(';', field.Setting.Conditions.Select(inner => $"{inner.Path} {string.Join('|', inner.Kinds)}")))))
        {
            var setting = group.First().Setting;
            string[] kinds = [.. group.Select(field => field.Kind)];
            yield return kinds.Length == part.Kinds.Count ? setting : setting with { Conditions = [(path, kinds), .. setting.Conditions] };
        }
    }

    private static IEnumerable<Setting> ListFields(Part part, string prefix, JsonObject defaults)
    {
        foreach (var field in part.Fields)
        {
            var path = prefix + field.Name;
            if (Part.In(field) is { } inner)
            {
                foreach (var setting in List(inner, path + ".", (JsonObject)defaults[field.Name]!)) yield return setting;
                continue;
            }

            yield return new(path, SettingValue.TypeName(field.PropertyType), Text(defaults[field.Name]), SettingMeanings.Of(part.Type, field.Name));
        }
    }

    private static string? Text(JsonNode? value) => value is null ? null : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
