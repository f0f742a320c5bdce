using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Training;

namespace Stemma.Configuration;

/// <summary>A run's JSON while it is being changed: every change is checked against the fields there are.</summary>
internal sealed class SettingsDocument
{
    private readonly JsonObject _root;

    public SettingsDocument(TrainingRun run) => _root = (JsonObject)JsonSerializer.SerializeToNode(run, StemmaJson.Default.TrainingRun)!;

    /// <summary>Sets one field, or a whole part where the text is a JSON object.</summary>
    public void Set(string path, string text)
    {
        var names = path.Split('.');
        var (part, node) = (Part.Root, _root);
        for (var depth = 0; ; depth++)
        {
            var (name, last) = (names[depth], depth == names.Length - 1);
            if (last && name == Part.KindField && part.Kinds.Count > 0)
            {
                SwitchKind(part, node, text, path);
                return;
            }

            var field = part.For(node).Field(name) ?? throw Unknown(path, part, node, names[..depth], name);
            var inner = Part.In(field);
            if (!last && inner is null)
            {
                var owner = string.Join('.', names[..depth]);
                var (_, kinds) = Settings.Find(path)?.Conditions.FirstOrDefault(condition => condition.Path == $"{owner}.{Part.KindField}") ?? default;
                throw kinds is [var one, ..] ? Misplaced(path, owner, [one], node) : UnknownPath(path);
            }
            if (last)
            {
                if (inner is null) node[name] = SettingValue.Parse(path, field.PropertyType, text);
                else Merge(inner, (JsonObject)node[name]!, ParseObject(path, text), path);
                return;
            }

            (part, node) = (inner!, (JsonObject)node[name]!);
        }
    }

    /// <summary>Puts the fields of a JSON object, and of the parts in it, over those that are there.</summary>
    public void Merge(JsonObject overlay) => Merge(Part.Root, _root, overlay, "");

    /// <summary>The run.</summary>
    /// <exception cref="ConfigurationException">A field that must be given is missing.</exception>
    public TrainingRun ToRun()
    {
        RequireFields(Part.Root, _root, "");
        try
        {
            return _root.Deserialize(StemmaJson.Default.TrainingRun)!;
        }
        catch (JsonException exception)
        {
            throw new ConfigurationException($"{exception.Path?.TrimStart('$', '.')}: {exception.Message}");
        }
    }

    private static void Merge(Part part, JsonObject target, JsonObject overlay, string path)
    {
        if (part.Kinds.Count > 0 && overlay.TryGetPropertyValue(Part.KindField, out var kind))
            SwitchKind(part, target, kind is JsonValue && kind.GetValueKind() == JsonValueKind.String ? kind.GetValue<string>() : kind?.ToJsonString() ?? "null", Join(path, Part.KindField));
        var narrowed = part.For(target);
        foreach (var (name, value) in overlay)
        {
            if (name == Part.KindField && part.Kinds.Count > 0) continue;
            var fieldPath = Join(path, name);
            var field = narrowed.Field(name) ?? throw Unknown(fieldPath, part, target, path.Length == 0 ? [] : path.Split('.'), name);
            if (Part.In(field) is not { } inner) target[name] = SettingValue.Checked(fieldPath, field.PropertyType, value);
            else if (value is JsonObject child) Merge(inner, (JsonObject)target[name]!, child, fieldPath);
            else throw new ConfigurationException($"{fieldPath} is {value?.ToJsonString() ?? "null"}; it must be a JSON object with fields such as {inner.For((JsonObject)target[name]!).Fields.First().Name}.");
        }
    }

    /// <summary>Replaces a part by the defaults of another kind; what all kinds of it have keeps its value.</summary>
    private static void SwitchKind(Part family, JsonObject node, string kind, string path)
    {
        var narrowed = family.Of(kind) ?? throw new ConfigurationException($"{path} is \"{kind}\"; it is one of {string.Join(", ", family.Kinds)}.{NearestName.Suggestion(kind, family.Kinds)}");
        if (node[Part.KindField] is JsonValue current && current.GetValue<string>() == kind) return;
        var kept = family.Fields.Select(field => (field.Name, Value: node[field.Name]?.DeepClone())).ToArray();
        node.Clear();
        node[Part.KindField] = kind;
        foreach (var (name, value) in narrowed.Defaults()) node[name] = value?.DeepClone();
        foreach (var (name, value) in kept) node[name] = value;
    }

    private static void RequireFields(Part part, JsonObject node, string path)
    {
        foreach (var field in part.For(node).Fields)
        {
            var fieldPath = Join(path, field.Name);
            if (field.IsRequired && node[field.Name] is null) throw new ConfigurationException($"{fieldPath} is missing: {Settings.Find(fieldPath)?.Meaning ?? "it has no default."}");
            if (Part.In(field) is { } inner && node[field.Name] is JsonObject child) RequireFields(inner, child, fieldPath);
        }
    }

    private static JsonObject ParseObject(string path, string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject parsed) return parsed;
        }
        catch (JsonException)
        {
            // Said below, with the field's name.
        }

        throw new ConfigurationException($"{path} is a part with fields of its own: set {path}.<field>=value, or give a JSON object.");
    }

    private static ConfigurationException Unknown(string path, Part part, JsonObject node, string[] prefix, string name)
    {
        var others = part.Kinds.Where(kind => part.Of(kind)!.Field(name) is not null).ToArray();
        if (others.Length == 0) return UnknownPath(path);
        return Misplaced(path, string.Join('.', prefix), others, node);
    }

    private static ConfigurationException Misplaced(string path, string owner, string[] others, JsonObject node) =>
        new($"{path} belongs to {owner}.{Part.KindField} {string.Join(" or ", others)}; this run has {node[Part.KindField]}. Add --set {owner}.{Part.KindField}={others[0]}, or leave it out.");

    private static ConfigurationException UnknownPath(string path)
    {
        var paths = Settings.All.Select(setting => setting.Path).Distinct().ToArray();
        return new($"Unknown setting {path}.{NearestName.Suggestion(path, paths)} (`stemma train --help settings` lists all {paths.Length}.)");
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
