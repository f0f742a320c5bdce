using Stemma.Curation;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Training;

/// <summary>A run's text as tokens: the tokenizer, and a shard for each side of the split.</summary>
internal sealed class RunData : IDisposable
{
    /// <summary>Sequences side by side that the training text must hold: with fewer, every batch is the same text.</summary>
    private const int LeastContexts = 4;

    private readonly string? _temporary;

    private RunData(string name, string validationName, Tokenizer tokenizer, TokenShard train, TokenShard validation, string? temporary)
    {
        (Tokenizer, Train, Validation, _temporary) = (tokenizer, train, validation, temporary);
        // One document that is divided has a part on either side.
        var documents = validationName.Length == 0 && (name == "-" || File.Exists(name)) ? 1 : train.Summary.DocumentCount + validation.Summary.DocumentCount;
        Summary = new(name, documents, train.TextByteCount + validation.TextByteCount, train.Length, validation.Length, validation.TextByteCount);
    }

    public Tokenizer Tokenizer { get; }

    public TokenShard Train { get; }

    public TokenShard Validation { get; }

    public DataSummary Summary { get; }

    /// <summary>Opens what a folder holds already and makes what it lacks. Without a folder the tokens go to a temporary one.</summary>
    /// <exception cref="ConfigurationException">There is too little text for the model's context: less than four of it to train on.</exception>
    public static RunData Prepare(TrainingRun run, RunFolder? folder, SessionOptions options, CancellationToken cancellation)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("stemma-").FullName : null;
        var (trainPath, validationPath) = folder is null ? (Path.Combine(temporary!, "train.tokens"), Path.Combine(temporary!, "validation.tokens")) : (folder.TrainTokens, folder.ValidationTokens);
        try
        {
            var tokenizer = folder?.Tokenizer is { } file ? Tokenizer.Load(file) : null;
            if (tokenizer is null || !File.Exists(trainPath) || !File.Exists(validationPath)) tokenizer = Build(run, folder, tokenizer, trainPath, validationPath, options, cancellation);
            var train = TokenShard.Open(trainPath, tokenizer.Hash);
            var data = new RunData(run.Data.Source, run.Data.Validation, tokenizer, train, TokenShard.Open(validationPath, tokenizer.Hash), temporary);
            data.Check(run.Model.ContextLength);
            return data;
        }
        catch when (temporary is not null)
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
    }

    private static Tokenizer Build(TrainingRun run, RunFolder? folder, Tokenizer? tokenizer, string trainPath, string validationPath, SessionOptions options, CancellationToken cancellation)
    {
        if (CuratedFolder.IsComplete(run.Data.Source)) return Join(run, folder, tokenizer, trainPath, validationPath, options, cancellation);
        var corpus = Corpus.Open(run.Data.Source, run.Data.Lossy);
        var heldOut = run.Data.Validation.Length > 0 ? Corpus.Open(run.Data.Validation, run.Data.Lossy) : null;
        // The held-out text does not depend on the seed: runs are compared on it.
        var split = new CorpusSplit(run.Data.ValidationFraction);
        // The text is read once and kept: it is needed for the tokenizer and for both shards.
        options.Progress?.Report(new($"Reading {corpus.Name}", double.NaN));
        var train = (heldOut is null ? split.Train(corpus) : corpus.Documents()).ToList();
        cancellation.ThrowIfCancellationRequested();
        if (tokenizer is null)
        {
            tokenizer = TokenizerBuilder.Build(run.Tokenizer, [corpus, .. heldOut is null ? [] : (Corpus[])[heldOut]], train, options.Progress, cancellation);
            if (folder is not null) TokenizerFolder.Save(tokenizer, folder.Location);
        }
        // Where the end of a line is a token, a text that ends with a line has its end.
        var builder = new ShardBuilder { Tokenizer = tokenizer, EndDocuments = tokenizer is not WordTokenizer };
        options.Progress?.Report(new("Encoding the text", double.NaN));
        builder.Build(trainPath, train, null, cancellation);
        builder.Build(validationPath, heldOut?.Documents() ?? split.Validation(corpus), null, cancellation);
        return tokenizer;
    }

    // A built folder has its tokens, its held-out part and its tokenizer already.
    private static Tokenizer Join(TrainingRun run, RunFolder? folder, Tokenizer? tokenizer, string trainPath, string validationPath, SessionOptions options, CancellationToken cancellation)
    {
        var built = CuratedFolder.Open(run.Data.Source);
        tokenizer ??= built.Tokenizer();
        if (run.Tokenizer is TokenizerFileConfig named && TokenizerSource.Load(named.Path).Hash != tokenizer.Hash)
            throw new ConfigurationException($"{run.Data.Source} was built with a tokenizer of its own, which is not {named.Path}. Leave --tokenizer out, or name that tokenizer in the recipe and build again.");
        var heldOut = built.Shards(heldOut: true);
        if (heldOut.Count == 0 && run.Data.Validation.Length == 0)
            throw new ConfigurationException($"{run.Data.Source} holds nothing out (its recipe's shards.validation_fraction is 0). Name a text to measure on: --set data.validation=PATH.");
        if (folder is { Tokenizer: null }) TokenizerFolder.Save(tokenizer, folder.Location);
        options.Progress?.Report(new("Joining the shards", double.NaN));
        ShardJoiner.Join(trainPath, built.Shards(heldOut: false), tokenizer, cancellation);
        if (run.Data.Validation.Length == 0) ShardJoiner.Join(validationPath, heldOut, tokenizer, cancellation);
        else new ShardBuilder { Tokenizer = tokenizer, EndDocuments = tokenizer is not WordTokenizer }.Build(validationPath, Corpus.Open(run.Data.Validation, run.Data.Lossy).Documents(), null, cancellation);
        return tokenizer;
    }

    private void Check(int contextLength)
    {
        if (Train.Length >= LeastContexts * (long)contextLength && Validation.Length > 1) return;
        var needed = Summary.BytesPerToken * LeastContexts * contextLength / (1 - (double)Validation.Length / (Train.Length + Validation.Length));
        var fitting = (int)Math.Min(Train.Length / LeastContexts, contextLength);
        throw new ConfigurationException(
            $"{Summary.Name} holds {Summary.Bytes:N0} bytes, {Train.Length:N0} tokens of them to train on; a context of {contextLength} tokens needs at least {Math.Ceiling(needed / 1024):N0} KB of text. " +
            (fitting > 0 ? $"Use --set model.context_length={Math.Pow(2, Math.Floor(Math.Log2(fitting)))}, or more text." : "Use more text."));
    }
}
