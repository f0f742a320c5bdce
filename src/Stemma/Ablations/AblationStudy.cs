using System.Text.Json.Nodes;
using Stemma.Configuration;
using Stemma.Models;
using Stemma.Training;

namespace Stemma.Ablations;

/// <summary>
/// A question about parts, fixed before anything runs: a base run, what each variant has in its place, seeds, and what is measured. Every
/// variant reads the same tokens, as many of them, in the same order for the same seed.
/// </summary>
public sealed record AblationStudy
{
    /// <summary>Small letters, digits and hyphens: the name of its files.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the study asks, in a sentence.</summary>
    public string Question { get; init; } = "";

    /// <summary>The preset that the base run starts from; the defaults of a run when empty.</summary>
    public string Preset { get; init; } = "";

    /// <summary>The fields of the base run that are others than the preset's.</summary>
    public JsonObject Run { get; init; } = [];

    /// <summary>What is compared; the others are held against the first, unless they say against which.</summary>
    public IReadOnlyList<AblationVariant> Variants { get; init; } = [];

    /// <summary>Each variant is trained once with each: it decides weights and the order of the text.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Lengths of the windows in which the held-out text is read; the trained context when empty. The first is the one that is tested.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [];

    /// <summary>What runs to the right where variants lie on lines: <c>blocks</c>.</summary>
    public string XLabel { get; init; } = "";

    /// <summary>Reads a study and checks it.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">Its name in messages: a file.</param>
    /// <exception cref="ConfigurationException">It is none: the message names the field and the way out.</exception>
    public static AblationStudy Read(string json, string source)
    {
        var study = StrictJson.Read(json, source, StemmaJson.Default.AblationStudy, new AblationStudy(), new AblationVariant());
        try
        {
            study.Validate();
            return study;
        }
        catch (ConfigurationException error)
        {
            throw new ConfigurationException($"{source}: {error.Message}");
        }
    }

    /// <summary>The same study on another text.</summary>
    /// <param name="source">Like <see cref="DataConfig.Source"/>.</param>
    public AblationStudy WithData(string source)
    {
        var run = (JsonObject)Run.DeepClone();
        if (run["data"] is not JsonObject) run["data"] = new JsonObject();
        run["data"]!["source"] = source;
        return this with { Run = run };
    }

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        if (Name.Length == 0 || !Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')) throw new ConfigurationException($"name is \"{Name}\"; it is made of small letters, digits and hyphens.");
        if (Seeds.Count < 2 || Seeds.Distinct().Count() < Seeds.Count) throw new ConfigurationException("seeds: give at least two, all different; one run says nothing of chance.");
        if (Variants.Count < 2) throw new ConfigurationException("variants: give at least two to compare.");
        foreach (var length in Lengths)
            if (length < 2) throw new ConfigurationException($"lengths has {length}; a window has at least 2 tokens.");
        if (Variants.FirstOrDefault(variant => variant.Slug.Length == 0 || Variants.Count(other => other.Slug == variant.Slug) > 1) is { } alike)
            throw new ConfigurationException($"variants: the name \"{alike.Name}\" is not of its own; give each variant another, in letters and digits.");
        var first = RunOf(Variants[0], Seeds[0]);
        foreach (var variant in Variants)
        {
            if (variant.Against.Length > 0 && (variant.Against == variant.Name || Variants.All(other => other.Name != variant.Against)))
                throw new ConfigurationException($"variants: {variant.Name} is compared with \"{variant.Against}\", which is no other variant.{NearestName.Suggestion(variant.Against, [.. Variants.Select(other => other.Name)])}");
            var run = RunOf(variant, Seeds[0]);
            run.Validate();
            if (run.Data != first.Data || run.Tokenizer != first.Tokenizer) throw new ConfigurationException($"variants: {variant.Name} has another text or tokenizer than {Variants[0].Name}; a study compares on the same tokens. Set data and tokenizer in run.");
            if (Tokens(run) != Tokens(first)) throw new ConfigurationException($"variants: {variant.Name} trains on {Tokens(run):N0} tokens and {Variants[0].Name} on {Tokens(first):N0}; steps × batch_size × accumulation_steps × model.context_length must be the same.");
            if (variant.Read.Count > 0) RequireSameWeights(variant, run);
        }
    }

    /// <summary>The run of a variant and a seed.</summary>
    /// <exception cref="ConfigurationException">A field is unknown or mistyped.</exception>
    public TrainingRun RunOf(AblationVariant variant, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(variant);
        var preset = Preset.Length == 0 ? new TrainingRun() : Presets.Find(Preset);
        var run = Settings.Read(variant.Run.ToJsonString(), $"variants: {variant.Name}: run", Settings.Read(Run.ToJsonString(), "run", preset));
        // The last weights count: what is looked at on the way must not choose.
        return run with { Seed = seed, EvaluationInterval = 0, EvaluationTokens = LeastEvaluation, SampleTokens = 0, Patience = 0 };
    }

    /// <summary>The model as a variant reads it.</summary>
    internal ModelConfig ReaderOf(AblationVariant variant) => Settings.Read(variant.Read.ToJsonString(), $"variants: {variant.Name}: read", RunOf(variant, Seeds[0])).Model;

    /// <summary>The variant with which another is compared; null for the first one.</summary>
    internal AblationVariant? AgainstOf(AblationVariant variant) =>
        variant.Against.Length > 0 ? Variants.First(other => other.Name == variant.Against) : variant == Variants[0] ? null : Variants[0];

    /// <summary>Tokens that a run trains on.</summary>
    internal static long Tokens(TrainingRun run) => (long)run.Steps * run.BatchSize * run.AccumulationSteps * run.Model.ContextLength;

    // The trainer's own look at the held-out text, which nothing here reads.
    private const int LeastEvaluation = 256;

    private static void RequireSameWeights(AblationVariant variant, TrainingRun run)
    {
        var reader = Settings.Read(variant.Read.ToJsonString(), $"variants: {variant.Name}: read", run);
        if (reader with { Model = run.Model } != run) throw new ConfigurationException($"variants: {variant.Name}: read changes more than the model; nothing else matters once it is trained.");
        reader.Validate();
        if (!Shapes(run.Model).SequenceEqual(Shapes(reader.Model))) throw new ConfigurationException($"variants: {variant.Name}: read changes the model's weights; then it has to be trained anew: put it into run.");

        IEnumerable<(string, Numerics.Shape)> Shapes(ModelConfig model) => TrainingPlan.Weights(run with { Model = model with { VocabSize = 8 } });
    }
}
