using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Layers;

namespace Stemma.Models.Checkpoints;

/// <summary>The fields of a <c>config.json</c>, each checked when it is read; errors name the file, the field and what would do.</summary>
/// <param name="path">The file.</param>
/// <param name="fields">Its object.</param>
internal sealed class ConfigFields(string path, JsonObject fields)
{
    /// <summary>Reads the object of a file.</summary>
    /// <exception cref="CheckpointException">No such file, or no object in it.</exception>
    public static ConfigFields Read(string path) => new(path, CheckpointFiles.ReadJson(path, StemmaJson.Default.JsonObject));

    /// <summary>Whether a field is given and not null.</summary>
    public bool Has(string field) => fields.TryGetPropertyValue(field, out var value) && value is not null;

    /// <summary>Whether a field is given, even as null, which then means none and not the library's default.</summary>
    public bool Given(string field) => fields.ContainsKey(field);

    /// <summary>A positive whole number that must be given.</summary>
    public int Size(string field) => Has(field) ? Positive(field, Whole(field)) : throw new CheckpointException($"{path} lacks the field {field}.");

    /// <summary>A positive whole number, or the library's default.</summary>
    public int Size(string field, int whenMissing) => Has(field) ? Positive(field, Whole(field)) : whenMissing;

    /// <summary>A whole number; null where it is not given.</summary>
    public int? WholeOrNull(string field) => Has(field) ? Whole(field) : null;

    /// <summary>A number, or the library's default.</summary>
    public double Number(string field, double whenMissing) => NumberOrNull(field) ?? whenMissing;

    /// <summary>A number; null where it is not given.</summary>
    public double? NumberOrNull(string field)
    {
        if (!Has(field)) return null;
        if (fields[field] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number;
        throw Wrong(field, "a number");
    }

    /// <summary>A positive number, or the library's default.</summary>
    public double PositiveNumber(string field, double whenMissing)
    {
        var value = Number(field, whenMissing);
        return value > 0 ? value : throw Wrong(field, "positive");
    }

    /// <summary>A probability in [0, 1), or the library's default.</summary>
    public double Probability(string field, double whenMissing)
    {
        var value = Number(field, whenMissing);
        return value is >= 0 and < 1 ? value : throw Wrong(field, "in [0, 1)");
    }

    /// <summary>True or false, or the library's default.</summary>
    public bool Flag(string field, bool whenMissing) => !Has(field) ? whenMissing : fields[field]!.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(field, "true or false"),
    };

    /// <summary>A text, or the library's default.</summary>
    public string Text(string field, string whenMissing) => !Has(field) ? whenMissing : fields[field]!.GetValueKind() == JsonValueKind.String ? fields[field]!.GetValue<string>() : throw Wrong(field, "a text");

    /// <summary>A field that is an object of its own; null where it is not given.</summary>
    public ConfigFields? Part(string field) => !Has(field) ? null : fields[field] is JsonObject part ? new($"{path}: in {field}", part) : throw Wrong(field, "an object");

    /// <summary>Whether a field is a list.</summary>
    public bool IsList(string field) => fields[field] is JsonArray;

    /// <summary>A list; null where it is not given.</summary>
    public JsonArray? List(string field) => !Has(field) ? null : fields[field] as JsonArray ?? throw Wrong(field, "a list");

    /// <summary>Throws unless a condition holds.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="field">The field that breaks it.</param>
    /// <param name="allowed">What would do.</param>
    /// <exception cref="CheckpointException">It does not hold.</exception>
    public void Require(bool condition, string field, string allowed)
    {
        if (!condition) throw Wrong(field, allowed);
    }

    /// <summary>An activation by the library's name.</summary>
    public ActivationKind Activation(string field, string whenMissing) => ActivationName.Find(Text(field, whenMissing)) ?? throw Wrong(field, $"one of {ActivationName.Known}");

    /// <summary>An error that names a field's value and what it must be.</summary>
    public CheckpointException Wrong(string field, string allowed) => new($"{path}: {field} is {(Has(field) ? fields[field]!.ToJsonString() : "not given")}; it must be {allowed} here.");

    private int Whole(string field) =>
        fields[field] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && int.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var whole) ? whole : throw Wrong(field, "a whole number");

    private int Positive(string field, int value) => value > 0 ? value : throw Wrong(field, "positive");
}
