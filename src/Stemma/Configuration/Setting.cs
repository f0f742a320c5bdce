namespace Stemma.Configuration;

/// <summary>One field of a run's JSON, as a person sets it: <c>schedule.warmup_steps</c>.</summary>
/// <param name="Path">Its dotted path in snake_case.</param>
/// <param name="Type">What it takes: <c>whole number</c>, <c>number</c>, <c>text</c>, <c>true|false</c>, or the values themselves.</param>
/// <param name="Default">Its value when nothing is set, as JSON without quotes; null where one has to be given.</param>
/// <param name="Meaning">What it decides, in a sentence or two.</param>
public sealed record Setting(string Path, string Type, string? Default, string Meaning)
{
    /// <summary>What has to be set, with one kind of each part, for a run to have this field, outer parts first: <c>model.kind</c> and the kinds to choose from.</summary>
    public IReadOnlyList<(string Path, IReadOnlyList<string> Kinds)> Conditions { get; init; } = [];
}
