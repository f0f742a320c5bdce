using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Stemma.Ablations;

/// <summary>One of the models that a study compares: what of the base run is another.</summary>
public sealed record AblationVariant
{
    /// <summary>A few words, of its own.</summary>
    public string Name { get; init; } = "";

    /// <summary>The fields of the run that are others than the base's; empty for the base itself. Variants with equal runs share their training.</summary>
    public JsonObject Run { get; init; } = [];

    /// <summary>Fields that change only when the trained model reads the held-out text, such as a scaling of rotary positions; they may not change its weights.</summary>
    public JsonObject Read { get; init; } = [];

    /// <summary>The variant that this one is compared with; the first when empty.</summary>
    public string Against { get; init; } = "";

    /// <summary>The line of the figure that this variant lies on, with <see cref="X"/>; a bar of its own when empty.</summary>
    public string Series { get; init; } = "";

    /// <summary>Where on that line.</summary>
    public double X { get; init; }

    /// <summary>The name as that of a folder.</summary>
    internal string Slug => string.Concat(Name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');

    /// <summary>What is another, as settings: <c>model.norm=layer-norm</c>.</summary>
    [JsonIgnore]
    public string Changes => string.Join(", ", Flat("", Run).Concat(Flat("", Read).Select(change => $"read with {change}")));

    private static IEnumerable<string> Flat(string path, JsonObject fields) => fields.SelectMany(field => field.Value is JsonObject inner
        ? Flat($"{path}{field.Key}.", inner)
        : [$"{path}{field.Key}={(field.Value is JsonValue value && value.TryGetValue<string>(out var text) ? text : field.Value?.ToJsonString() ?? "null")}"]);
}
