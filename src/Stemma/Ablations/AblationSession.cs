using System.Runtime.CompilerServices;
using System.Text.Json;
using Stemma.Evaluation;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics.Formats;
using Stemma.Training;

namespace Stemma.Ablations;

/// <summary>Carries out an <see cref="AblationStudy"/>: the text is prepared once, and every variant is trained with every seed, one after the other.</summary>
/// <remarks>
/// A folder holds <c>study.json</c>, <c>tokenizer.json</c>, the tokens, a run for each variant and seed, and what came of each. A study that
/// was stopped goes on where it was: what there is already is read, the run under way is resumed.
/// </remarks>
public sealed class AblationSession : IDisposable
{
    private readonly RunData _data;
    private readonly SessionOptions _options;
    private readonly FolderLock _lock;

    private AblationSession(AblationStudy study, string folder, RunData data, SessionOptions options, FolderLock taken) => (Study, Folder, _data, _options, _lock) = (study, folder, data, options, taken);

    /// <summary>What is asked.</summary>
    public AblationStudy Study { get; }

    /// <summary>Where everything goes.</summary>
    public string Folder { get; }

    /// <summary>What every run reads.</summary>
    public DataSummary Data => _data.Summary;

    /// <summary>Begins a study, or opens one that was stopped: reads the text, trains the tokenizer.</summary>
    /// <param name="study">What is asked.</param>
    /// <param name="folder">Where.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ConfigurationException">The study cannot be, or the folder holds another one, or another process is at work in it.</exception>
    public static AblationSession Open(AblationStudy study, string folder, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        options ??= new();
        study.Validate();
        var (file, json) = (Path.Combine(folder, "study.json"), JsonSerializer.Serialize(study, StemmaJson.Default.AblationStudy) + "\n");
        // The longest context of all, so that a text too short for one of them is refused now.
        var run = study.Variants.Select(variant => study.RunOf(variant, study.Seeds[0])).MaxBy(run => run.Model.ContextLength)!;
        if (!File.Exists(file))
        {
            if (FolderLock.HoldsAnything(folder)) throw new ConfigurationException($"{folder} holds something else; choose another folder with --out.");
            // A wrong name leaves nothing behind.
            Text.Corpora.Corpus.Open(run.Data.Source, run.Data.Lossy);
        }
        var taken = FolderLock.Take(folder);
        try
        {
            if (!File.Exists(file)) AtomicFile.WriteText(file, json);
            else if (File.ReadAllText(file) != json) throw new ConfigurationException($"{folder} holds a study with other settings ({file}); choose another folder with --out.");
            return new(study, folder, RunData.Prepare(run, RunFolder.At(folder), options, cancellation), options, taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Every result, as it comes, variant by variant.</summary>
    /// <param name="progress">Told how far the run under way is.</param>
    /// <param name="cancellation">Stops; what is trained so far is saved.</param>
    public async IAsyncEnumerable<AblationResult> Results(IProgress<AblationProgress>? progress = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var variant in Study.Variants)
        {
            foreach (var seed in Study.Seeds)
            {
                cancellation.ThrowIfCancellationRequested();
                var file = Path.Combine(Folder, "results", $"{variant.Slug}-{seed}.json");
                if (!File.Exists(file))
                {
                    var result = await MeasureAsync(variant, seed, progress, cancellation).ConfigureAwait(false);
                    AtomicFile.WriteText(file, JsonSerializer.Serialize(result, StemmaJson.Default.AblationResult) + "\n");
                }
                yield return Read(file);
            }
        }
    }

    /// <summary>The folder of a variant's run; that of another one, where their runs are the same.</summary>
    public string FolderOf(AblationVariant variant, ulong seed)
    {
        var run = Study.RunOf(variant, seed);
        return Path.Combine(Folder, "runs", $"{Study.Variants.First(other => Study.RunOf(other, seed) == run).Slug}-{seed}");
    }

    /// <summary>Closes the data files and gives the folder back.</summary>
    public void Dispose()
    {
        _data.Dispose();
        _lock.Dispose();
    }

    private async Task<AblationResult> MeasureAsync(AblationVariant variant, ulong seed, IProgress<AblationProgress>? progress, CancellationToken cancellation)
    {
        var run = Study.RunOf(variant, seed);
        var folder = FolderOf(variant, seed);
        using var session = TrainingSession.Open(run, folder, _data, _options);
        var result = new AblationResult
        {
            Variant = variant.Name,
            Seed = seed,
            Parameters = session.Model.Parameters.Sum(weight => (long)weight.Shape.Count),
            FlopsPerToken = session.Model.TrainingFlopsPerToken(run.Model.ContextLength),
            Tokens = AblationStudy.Tokens(run),
            Seconds = 0,
            Readings = [],
        };
        int[] lengths = Study.Lengths.Count > 0 ? [.. Study.Lengths] : [run.Model.ContextLength];
        try
        {
            await foreach (var step in session.Steps(cancellation).ConfigureAwait(false))
                progress?.Report(new(variant, seed, $"step {step.Number:N0} of {run.Steps:N0}, loss {step.Loss:0.000}", (double)step.Number / run.Steps));
        }
        catch (TrainingFailedException failure)
        {
            // A part that does not train is an answer too.
            return result with { Failure = failure.Message, Readings = [.. lengths.Select(length => new AblationReading(length, null))], Seconds = Seconds(folder) };
        }
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new(variant, seed, "predicting the held-out text", double.NaN));
        var readings = await Task.Run(() => lengths.Select(length => new AblationReading(length, BitsPerByte(session, variant, length, cancellation))).ToArray(), CancellationToken.None).ConfigureAwait(false);
        return result with { Readings = readings, Seconds = Seconds(folder) };
    }

    private double? BitsPerByte(TrainingSession session, AblationVariant variant, int length, CancellationToken cancellation)
    {
        if (variant.Read.Count == 0 && length == session.Model.ContextLength && session.Final is { } final) return final.BitsPerByte;
        var model = variant.Read.Count == 0 ? session.Model : ReaderOf(variant, session.Model);
        if (model.LongestSequence < length) return null;
        return Evaluator.Evaluate(model, _data.Tokenizer, _data.Validation, window: length, cancellation: cancellation).BitsPerByte;
    }

    // The trained weights in a model of other settings.
    private NeuralLanguageModel ReaderOf(AblationVariant variant, NeuralLanguageModel trained) =>
        (Study.ReaderOf(variant) with { VocabSize = trained.VocabSize }).Build(new Weights(new CopiedWeights(trained.Parameters), trained.Device));

    private static double Seconds(string folder)
    {
        var milliseconds = 0.0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "metrics.jsonl")))
        {
            using var record = JsonDocument.Parse(line);
            if (record.RootElement.TryGetProperty("milliseconds", out var time)) milliseconds += time.GetDouble();
        }
        return milliseconds / 1000;
    }

    private static AblationResult Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), StemmaJson.Default.AblationResult) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConfigurationException($"{file} holds no result; delete it to measure again.");
        }
    }
}

/// <summary>How far a run is.</summary>
/// <param name="Variant">Of which variant.</param>
/// <param name="Seed">And seed.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done; NaN where that is not known.</param>
public readonly record struct AblationProgress(AblationVariant Variant, ulong Seed, string Stage, double Fraction);
