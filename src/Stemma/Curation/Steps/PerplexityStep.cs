using System.Text.Json.Serialization;
using Stemma.Models.NGram;
using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Readers;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Curation;

/// <summary>
/// Drops documents that surprise an n-gram model of good text too much, as CCNet does (Wenzek et al. 2020): gibberish, tables, wrong
/// encodings. The model is trained on a reference text, or read from a folder.
/// </summary>
public sealed record PerplexityStep : LocalStep
{
    private const int Order = 3, VocabSize = 2048;
    private const long ReferenceCharacters = 8_000_000;

    /// <summary>A model's folder, such as <c>stemma ngram train</c> makes; null trains one on <see cref="Reference"/>.</summary>
    public string? Model { get; init; }

    /// <summary>Good text; the first 8 million characters of it are used. The SDK's documentation when neither is given.</summary>
    public RecipeInput? Reference { get; init; }

    /// <summary>The most bits per byte of UTF-8 that a document may cost.</summary>
    public double MostBitsPerByte { get; init; } = 6;

    /// <summary>Characters of a document that are looked at, from its start.</summary>
    public int Characters { get; init; } = 4000;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "perplexity";

    internal override bool NeedsPreparation => Model is null;

    internal override void Validate(string field)
    {
        if (Model is not null && Reference is not null) throw new ConfigurationException($"{field} has both a model and a reference to train one on; only one can hold.");
        if (!(MostBitsPerByte is > 0 and <= 64)) throw new ConfigurationException($"{field}.most_bits_per_byte is {MostBitsPerByte}; it lies above 0 and at most at 64.");
        if (Characters < 100) throw new ConfigurationException($"{field}.characters is {Characters}; it takes at least 100 to tell.");
        Reference?.Validate($"{field}.reference");
        if (Model is not null && !Directory.Exists(Model)) throw new ConfigurationException($"{field}.model is {Model}; there is no such folder.");
    }

    internal override void Prepare(string path, StepContext context)
    {
        List<Document> documents = [];
        var characters = 0L;
        foreach (var text in ReferenceTexts())
        {
            documents.Add(new($"{documents.Count}", text));
            if ((characters += text.Length) >= ReferenceCharacters) break;
        }

        if (characters == 0) throw new ConfigurationException("The reference of the step perplexity holds no text.");
        var tokenizer = new BpeTrainer { VocabSize = VocabSize }.Train(documents.Select(document => document.Text), null, context.Cancellation);
        var config = new NGramConfig { Order = Order };
        var trainer = new NGramTrainer { Model = config, ThreadCount = context.Threads, MemoryBytes = 512L << 20 };
        using var table = trainer.Train(documents, tokenizer, context.Cancellation);
        Directory.CreateDirectory(path);
        TokenizerFolder.Save(tokenizer, path);
        NGramCheckpoint.Save(path, config, table, tokenizer.Hash, null, context.Cancellation);
    }

    internal override DocumentFilter Build(string prepared) => new Filter(LanguageModel.Load(Model ?? prepared), this);

    private IEnumerable<string> ReferenceTexts() =>
        InputFiles.Of(Reference ?? new RecipeInput { Path = Text.Corpora.Dotnet.DotnetDocsCorpus.CorpusName }).SelectMany(file => file.Read(new ReadLog())).Select(document => document.Text);

    private sealed class Filter(ITextScorer scorer, PerplexityStep step) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            var text = document.Text;
            if (text.Length > step.Characters) text = text[..(char.IsHighSurrogate(text[step.Characters - 1]) ? step.Characters - 1 : step.Characters)];
            // Two tokens are the least that can be scored.
            if (text.Length < 16) return null;
            return scorer.NatsPerByte(text) / Math.Log(2) > step.MostBitsPerByte ? "too surprising" : null;
        }
    }
}
