using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Stemma.Configuration;

/// <summary>Records from JSON whose errors name the field by its path and list what could stand there.</summary>
internal static class StrictJson
{
    private const int MostDepth = 64;

    /// <summary>Reads a record.</summary>
    /// <param name="json">A JSON object; comments and trailing commas are allowed.</param>
    /// <param name="source">What messages call it: a file.</param>
    /// <param name="type">The record's fields.</param>
    /// <param name="defaults">An instance of each record whose fields may be left out; source-generated readers do not see initialisers.</param>
    /// <exception cref="ConfigurationException">It is not JSON, or has an unknown or mistyped field.</exception>
    public static T Read<T>(string json, string source, JsonTypeInfo<T> type, params ReadOnlySpan<object> defaults)
    {
        JsonNode? node;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false, MaxDepth = MostDepth });
            Check(document.RootElement, type, source, "");
            node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            Complete(node, type, defaults);
        }
        catch (JsonException error)
        {
            throw new ConfigurationException(error.Message.Contains("uplicate", StringComparison.Ordinal) ? $"{source} sets a field twice."
                : error.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? $"{source} is nested deeper than {MostDepth}." : $"{source} is not JSON (line {error.LineNumber + 1}).");
        }

        try
        {
            return node.Deserialize(type) ?? throw new ConfigurationException($"{source} is null where a JSON object is wanted.");
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{source}: the value of {error.Path?.TrimStart('$').TrimStart('.')} is of the wrong type.");
        }
    }

    // What was left out is as in a new instance.
    private static void Complete(JsonNode? node, JsonTypeInfo type, ReadOnlySpan<object> defaults)
    {
        if (node is JsonArray array && type.Kind == JsonTypeInfoKind.Enumerable && type.ElementType is { } item)
            foreach (var inner in array) Complete(inner, type.Options.GetTypeInfo(item), defaults);
        if (node is not JsonObject record || type.Kind != JsonTypeInfoKind.Object) return;
        var fields = type.PolymorphismOptions is { } kinds
            ? type.Options.GetTypeInfo(kinds.DerivedTypes.First(kind => (string)kind.TypeDiscriminator! == record[kinds.TypeDiscriminatorPropertyName]!.GetValue<string>()).DerivedType) : type;
        JsonObject? usual = null;
        foreach (var instance in defaults)
            if (instance.GetType() == fields.Type) usual = (JsonObject)JsonSerializer.SerializeToNode(instance, fields)!;
        foreach (var field in fields.Properties)
        {
            if (record.TryGetPropertyValue(field.Name, out var given)) Complete(given, type.Options.GetTypeInfo(field.PropertyType), defaults);
            else if (usual is not null && usual.TryGetPropertyValue(field.Name, out var value)) record[field.Name] = value?.DeepClone();
        }
    }

    private static void Check(JsonElement element, JsonTypeInfo type, string source, string path)
    {
        if (element.ValueKind == JsonValueKind.Array && type.Kind == JsonTypeInfoKind.Enumerable && type.ElementType is { } item)
        {
            var of = type.Options.GetTypeInfo(item);
            foreach (var (i, inner) in element.EnumerateArray().Index()) Check(inner, of, source, $"{path}[{i}]");
            return;
        }

        if (type.Kind != JsonTypeInfoKind.Object || element.ValueKind == JsonValueKind.Null) return;
        if (element.ValueKind != JsonValueKind.Object) throw new ConfigurationException($"{source}: {(path.Length == 0 ? "the whole" : path)} is not a JSON object.");
        var (fields, discriminator) = (type, "");
        if (type.PolymorphismOptions is { } kinds)
        {
            discriminator = kinds.TypeDiscriminatorPropertyName;
            var names = kinds.DerivedTypes.Select(kind => (string)kind.TypeDiscriminator!).ToArray();
            var name = element.TryGetProperty(discriminator, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
            if (name is null) throw new ConfigurationException($"{source}: {path} does not say its {discriminator}: one of {string.Join(", ", names)}.");
            var at = Array.IndexOf(names, name);
            if (at < 0) throw new ConfigurationException($"{source}: {path}.{discriminator} is \"{name}\"; there is no such kind.{NearestName.Suggestion(name, names)} Kinds: {string.Join(", ", names)}.");
            fields = type.Options.GetTypeInfo(kinds.DerivedTypes[at].DerivedType);
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.Name == discriminator) continue;
            var inner = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            var field = fields.Properties.FirstOrDefault(field => field.Name == property.Name);
            if (field is null)
            {
                var valid = fields.Properties.Select(field => field.Name).ToArray();
                throw new ConfigurationException($"{source}: unknown field {inner}.{NearestName.Suggestion(property.Name, valid)} Fields here: {(valid.Length == 0 ? "none" : string.Join(", ", valid))}.");
            }

            Check(property.Value, type.Options.GetTypeInfo(field.PropertyType), source, inner);
        }
    }
}
