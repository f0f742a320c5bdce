using System.Text.Json;
using Stemma.Models.NGram;
using Stemma.Numerics.Formats;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Training;

/// <summary>Carries out an <see cref="NGramRun"/>: text, tokenizer, counts, smoothing, a folder.</summary>
public static class NGramSession
{
    /// <summary>Makes a model and its folder: <c>config.json</c>, <c>model.ngram</c>, <c>tokenizer.json</c>, <c>run.json</c> and the held-out tokens.</summary>
    /// <param name="run">What to make.</param>
    /// <param name="folder">Must not hold a model or a run.</param>
    /// <param name="memoryBytes">What counting may take; null for half of the machine's memory.</param>
    /// <param name="threads">How many threads work; 0 for one per processor.</param>
    /// <param name="warn">Told, in a sentence, of what could not be estimated and what is used instead.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <returns>What was counted.</returns>
    /// <exception cref="ConfigurationException">A setting is out of range, or the folder is taken.</exception>
    public static NGramSummary Run(
        NGramRun run, string folder, long? memoryBytes = null, int threads = 0, Action<string>? warn = null, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Validate();
        if (RunFolder.Holds(folder) || File.Exists(Path.Combine(folder, "config.json"))) throw new ConfigurationException($"{folder} already holds a model; choose another folder with --out.");
        if (File.Exists(folder)) throw new ConfigurationException($"{folder} is a file; choose another folder with --out.");
        var trainer = new NGramTrainer
        {
            Model = run.Model,
            ThreadCount = threads > 0 ? threads : Environment.ProcessorCount,
            Warn = warn ?? (_ => { }),
            Progress = progress is null ? null : new Relay(progress),
        };
        if (memoryBytes is { } memory) trainer = trainer with { MemoryBytes = memory };
        trainer.Validate();

        var corpus = Corpus.Open(run.Data.Source, run.Data.Lossy);
        var heldOut = run.Data.Validation.Length > 0 ? Corpus.Open(run.Data.Validation, run.Data.Lossy) : null;
        var split = new CorpusSplit(heldOut is null ? run.Data.ValidationFraction : 0);
        var existed = Directory.Exists(folder);
        try
        {
            var (table, tokenizer) = Count(run, trainer, corpus, heldOut, split, progress, cancellation);
            using (table)
            {
                NGramCheckpoint.Save(folder, run.Model, table, tokenizer.Hash, trainer.Progress, cancellation);
                TokenizerFolder.Save(tokenizer, folder);
                // Where the end of a line is a token, a text that ends with a line has its end.
                var builder = new ShardBuilder { Tokenizer = tokenizer, EndDocuments = tokenizer is not WordTokenizer };
                var documents = heldOut?.Documents() ?? (split.ValidationFraction > 0 ? split.Validation(corpus) : null);
                ShardSummary? shard = documents is null ? null : builder.Build(Path.Combine(folder, "data", "validation.tokens"), documents, null, cancellation);
                AtomicFile.WriteText(Path.Combine(folder, "run.json"), JsonSerializer.Serialize(run, StemmaJson.Default.NGramRun) + "\n");
                return new(corpus.Name, table.Counts, tokenizer.VocabSize, new FileInfo(Path.Combine(folder, NGramCheckpoint.TableFile)).Length, shard?.TokenCount ?? 0, table.Spilled);
            }
        }
        catch when (!existed && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static (NGramTable Table, Tokenizer Tokenizer) Count(NGramRun run, NGramTrainer trainer, Corpus corpus, Corpus? heldOut, CorpusSplit split, IProgress<Preparation>? progress, CancellationToken cancellation)
    {
        progress?.Report(new($"Reading {corpus.Name}", double.NaN));
        // Words need not be known before they are counted; the text is read once and need not fit into memory.
        if (run.Tokenizer is WordTokenizerConfig { VocabSize: 0 }) return trainer.TrainWords(split.Train(corpus), cancellation);
        var train = split.Train(corpus).ToList();
        var tokenizer = TokenizerBuilder.Build(run.Tokenizer, heldOut is null ? [corpus] : [corpus, heldOut], train, progress, cancellation);
        return (trainer.Train(train, tokenizer, cancellation), tokenizer);
    }

    private sealed class Relay(IProgress<Preparation> progress) : IProgress<NGramProgress>
    {
        public void Report(NGramProgress value) => progress.Report(new(value.Stage, value.Fraction));
    }
}

/// <summary>What a run counted.</summary>
/// <param name="Corpus">The text's name.</param>
/// <param name="Counts">How many n-grams there are of each order, from 1.</param>
/// <param name="VocabSize">The tokenizer's tokens.</param>
/// <param name="Bytes">The size of the model's file.</param>
/// <param name="ValidationTokens">Tokens held out.</param>
/// <param name="Spilled">Whether the memory did not suffice and temporary files were used.</param>
public sealed record NGramSummary(string Corpus, IReadOnlyList<long> Counts, int VocabSize, long Bytes, long ValidationTokens, bool Spilled);
