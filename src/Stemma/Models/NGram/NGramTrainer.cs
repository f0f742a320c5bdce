using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Models.NGram;

/// <summary>
/// Estimates n-gram models in bounded memory, by sorting and streaming (Heafield et al. 2013, "Scalable modified Kneser–Ney language
/// model estimation"). The result is the same whatever the memory and the number of threads.
/// </summary>
public sealed record NGramTrainer
{
    /// <summary>What to estimate.</summary>
    public NGramConfig Model { get; init; } = new();

    /// <summary>
    /// Bytes that estimating may take, of which 64 MB, but at most half, are left to the program itself. The vocabulary, the largest
    /// document and the pages of the file that is written come on top.
    /// </summary>
    public long MemoryBytes { get; init; } = Math.Max(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>How many threads work; at least 1.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Where temporary files go; the system's folder when null.</summary>
    public string? TemporaryFolder { get; init; }

    /// <summary>Told, in a sentence, of what could not be estimated and what is used instead.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Told what is being done and the share done.</summary>
    public IProgress<NGramProgress>? Progress { get; init; }

    /// <summary>Estimates a model over a tokenizer's tokens. Every document is a sequence, which the tokenizer's end of text ends.</summary>
    /// <exception cref="ConfigurationException">A setting is out of range, or n-grams of this order and vocabulary are too large.</exception>
    /// <exception cref="TextFormatException">There is no text.</exception>
    public NGramTable Train(IEnumerable<Document> documents, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(tokenizer);
        Validate();
        var workspace = new Workspace(MemoryBytes, ThreadCount, TemporaryFolder);
        try
        {
            var vocabulary = NGramTokens.Of(tokenizer);
            Progress?.Report(new("Reading", double.NaN));
            using var sequences = SequenceStore.Read(workspace, documents, tokenizer, tokenizer.EndOfText, cancellation);
            return Estimate(workspace, sequences, vocabulary, cancellation);
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Estimates a model over the words of a text, which white space separates. Every line is a sequence.</summary>
    /// <returns>The model and the tokenizer of its words.</returns>
    /// <inheritdoc cref="Train(IEnumerable{Document}, Tokenizer, CancellationToken)" path="/exception"/>
    public (NGramTable Table, WordTokenizer Tokenizer) TrainWords(IEnumerable<Document> documents, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Validate();
        var workspace = new Workspace(MemoryBytes, ThreadCount, TemporaryFolder);
        try
        {
            Progress?.Report(new("Reading", double.NaN));
            var (sequences, tokenizer) = SequenceStore.ReadWords(workspace, documents, cancellation);
            using (sequences) return (Estimate(workspace, sequences, NGramTokens.Of(tokenizer), cancellation), tokenizer);
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Throws when a setting is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a setting; the message names it.</exception>
    public void Validate()
    {
        Model.Validate();
        if (ThreadCount < 1) throw new ConfigurationException($"The number of threads is {ThreadCount}; it must be at least 1.");
        if (MemoryBytes < 1 << 20) throw new ConfigurationException($"The memory is {MemoryBytes} bytes; counting needs at least 1 MB.");
    }

    private NGramTable Estimate(Workspace workspace, SequenceStore sequences, NGramVocabulary vocabulary, CancellationToken cancellation)
    {
        var (order, smoothing) = (Model.Order, Model.Smoothing);
        if (sequences.TokenCount == 0) throw new TextFormatException("There is no text to count n-grams of.");
        var layout = new NGramLayout(vocabulary.Count, order);
        var begin = vocabulary.Begin!.Value;
        Progress?.Report(new("Counting", 0));
        using var highest = NGramCounter.Count(workspace, sequences.Tokens, layout, begin, cancellation);
        Progress?.Report(new("Counting", 0.5));
        var prune = new long[order];
        for (var i = 0; i < order; i++) prune[i] = Model.Prune.Count == 0 ? 0 : Model.Prune[Math.Min(i, Model.Prune.Count - 1)];
        using var counts = AdjustedCounts.Collect(workspace, highest, layout, vocabulary, smoothing, prune);
        var parameters = new OrderParameters[order];
        for (var i = 0; i < order; i++) parameters[i] = smoothing.Fit(i + 1, counts.Statistics[i], vocabulary.PredictedCount, Warn);

        Progress?.Report(new("Smoothing", 0));
        var passes = new ContextPass[order - 1];
        try
        {
            // The highest order has the most n-grams and comes first, so that no thread is left with it in the end.
            Parallel.For(0, passes.Length, new ParallelOptions { MaxDegreeOfParallelism = ThreadCount, CancellationToken = cancellation }, i =>
            {
                var current = order - i;
                passes[current - 2] = ContextPass.Run(workspace, counts, layout, begin, current, smoothing, parameters[current - 1], cancellation);
            });
            workspace.TrimSorters();
            var orders = Interpolation.Run(
                workspace, counts, passes, parameters[0], layout, vocabulary, smoothing, done => Progress?.Report(new("Smoothing", 0.5 + (0.5 * done / order))));
            var table = new NGramTable(workspace, vocabulary, layout, orders, smoothing.IsNormalized);
            if (Model.EntropyThreshold > 0) EntropyPruning.Apply(workspace, table, Model.EntropyThreshold, cancellation);
            return table;
        }
        finally
        {
            foreach (var pass in passes) pass?.Dispose();
        }
    }
}

/// <summary>How far an estimation is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done; not a number where that is not known.</param>
public readonly record struct NGramProgress(string Stage, double Fraction);
