using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Models.Checkpoints;
using Stemma.Numerics.Formats;

namespace Stemma.Models.NGram;

/// <summary>An n-gram model's folder: <c>config.json</c> with what was estimated, <c>model.ngram</c> with the n-grams.</summary>
public static class NGramCheckpoint
{
    /// <summary>The value of <c>model_type</c> in <c>config.json</c>.</summary>
    public const string ModelType = "ngram";

    /// <summary>The name of the file that holds the n-grams.</summary>
    public const string TableFile = "model.ngram";

    /// <summary>Writes a model; each file is replaced as a whole.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="config">What was estimated; null where that is not known, as of an ARPA file.</param>
    /// <param name="table">The n-grams.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer whose tokens they are of.</param>
    /// <param name="progress">Told the share that is written.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, NGramConfig? config, NGramTable table, string tokenizerHash, IProgress<NGramProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        Directory.CreateDirectory(folder);
        NGramFile.Write(Path.Combine(folder, TableFile), table, progress, cancellation);
        var file = new NGramConfigFile { ModelType = ModelType, VocabSize = table.Vocabulary.Count, Order = table.Order, Smoothing = config?.Smoothing, Prune = config?.Prune, EntropyThreshold = config?.EntropyThreshold, TokenizerHash = tokenizerHash };
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), JsonSerializer.Serialize(file, StemmaJson.Default.NGramConfigFile) + "\n");
    }

    /// <summary>Opens the model of a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static NGramModel Load(string folder)
    {
        var config = ReadConfig(folder);
        var path = Path.Combine(folder, TableFile);
        if (!File.Exists(path)) throw new CheckpointException($"{path} does not exist: the folder of an n-gram model has {CheckpointFiles.Config} and {TableFile}.");
        var model = NGramModel.Open(path);
        if (model.Order == config.Order && model.VocabSize == config.VocabSize) return model;
        var found = $"{path} has the order {model.Order} and {model.VocabSize} tokens, its {CheckpointFiles.Config} says {config.Order} and {config.VocabSize}: they do not belong together.";
        model.Dispose();
        throw new CheckpointException(found);
    }

    /// <summary>What the model of a folder was estimated as; null where that is not known.</summary>
    public static NGramConfig? Config(string folder) =>
        ReadConfig(folder) is { Order: { } order, Smoothing: { } smoothing } file ? new() { Order = order, Smoothing = smoothing, Prune = file.Prune ?? [], EntropyThreshold = file.EntropyThreshold ?? 0 } : null;

    /// <summary>The hash of the tokenizer that a folder's model belongs to.</summary>
    internal static string? TokenizerHash(string folder) => ReadConfig(folder).TokenizerHash;

    private static NGramConfigFile ReadConfig(string folder) => CheckpointFiles.ReadJson(Path.Combine(folder, CheckpointFiles.Config), StemmaJson.Default.NGramConfigFile);
}

/// <summary><c>config.json</c> of an n-gram model. Null is a field that was not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record NGramConfigFile
{
    public string? ModelType { get; init; }

    public int? VocabSize { get; init; }

    public int? Order { get; init; }

    public Smoothing? Smoothing { get; init; }

    public IReadOnlyList<long>? Prune { get; init; }

    public double? EntropyThreshold { get; init; }

    public string? TokenizerHash { get; init; }
}
