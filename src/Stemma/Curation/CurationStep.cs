using System.Text.Json.Serialization;

namespace Stemma.Curation;

/// <summary>A step of a recipe: what it does, as data.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(HtmlTextStep), "html_text")]
[JsonDerivedType(typeof(NormalizeStep), "normalize")]
[JsonDerivedType(typeof(LanguageStep), "language")]
[JsonDerivedType(typeof(QualityStep), "quality")]
[JsonDerivedType(typeof(PerplexityStep), "perplexity")]
[JsonDerivedType(typeof(SafetyStep), "safety")]
[JsonDerivedType(typeof(PersonalDataStep), "personal_data")]
[JsonDerivedType(typeof(ContaminationStep), "contamination")]
[JsonDerivedType(typeof(ExactDuplicatesStep), "exact_duplicates")]
[JsonDerivedType(typeof(NearDuplicatesStep), "near_duplicates")]
[JsonDerivedType(typeof(RepeatedSubstringsStep), "repeated_substrings")]
public abstract record CurationStep
{
    /// <summary>The step's kind, as a recipe writes it.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="field">The step's path in the recipe: <c>steps[2]</c>.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    internal abstract void Validate(string field);
}

/// <summary>A step that judges each document by itself.</summary>
public abstract record LocalStep : CurationStep
{
    /// <summary>Makes what the step needs once for a build, such as a trained model, in a file that later runs read again.</summary>
    /// <param name="path">Where to; null when nothing has to be made.</param>
    /// <param name="context">Seed, progress.</param>
    internal virtual void Prepare(string path, StepContext context)
    {
    }

    /// <summary>Whether <see cref="Prepare"/> makes a file.</summary>
    [JsonIgnore]
    internal virtual bool NeedsPreparation => false;

    /// <summary>The step at work.</summary>
    /// <param name="prepared">The file that <see cref="Prepare"/> made.</param>
    internal abstract DocumentFilter Build(string prepared);
}

/// <summary>A step that has to see all documents first.</summary>
public abstract record GlobalStep : CurationStep
{
    /// <summary>The step at work.</summary>
    internal abstract GlobalFilter Build();
}

/// <summary>What steps share while they are prepared.</summary>
/// <param name="Seed">The recipe's.</param>
/// <param name="Threads">At least 1.</param>
/// <param name="Cancellation">Stops the work.</param>
internal sealed record StepContext(ulong Seed, int Threads, CancellationToken Cancellation);
