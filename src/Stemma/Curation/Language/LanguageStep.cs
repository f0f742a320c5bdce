using System.Text.Json.Serialization;
using Stemma.Configuration;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Curation;

/// <summary>Finds out the language of each document and keeps those in some.</summary>
public sealed record LanguageStep : LocalStep
{
    /// <summary>The languages that are kept: of cs, de, en, es, fr, it, ja, ko, pl, pt-BR, ru, tr, zh-Hans, zh-Hant. Empty keeps all and only notes the language.</summary>
    public IReadOnlyList<string> Keep { get; init; } = ["en"];

    /// <summary>How much likelier than the next the language has to be, in nats per run of letters.</summary>
    public double Margin { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "language";

    internal override bool NeedsPreparation => true;

    internal override void Validate(string field)
    {
        foreach (var language in Keep)
            if (!TranslatedMessages.Languages.Contains(language))
                throw new ConfigurationException($"{field}.keep names \"{language}\".{NearestName.Suggestion(language, TranslatedMessages.Languages)} Languages: {string.Join(", ", TranslatedMessages.Languages)}.");
        Check.NotNegative(Margin, $"{field}.margin");
    }

    internal override void Prepare(string path, StepContext context)
    {
        var identifier = LanguageIdentifier.Train(TranslatedMessages.Read());
        Numerics.Formats.AtomicFile.Write(path, identifier.Save);
    }

    internal override DocumentFilter Build(string prepared) => new Filter(LanguageIdentifier.Load(prepared), this);

    private sealed class Filter(LanguageIdentifier identifier, LanguageStep step) : DocumentFilter
    {
        private readonly HashSet<string> _keep = [.. step.Keep];

        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            var (language, margin) = identifier.Identify(document.Text);
            document.Language = language;
            if (_keep.Count == 0) return null;
            if (language.Length == 0) return "no letters";
            if (!_keep.Contains(language)) return language;
            return margin < step.Margin ? $"{language}, unsure" : null;
        }
    }
}
