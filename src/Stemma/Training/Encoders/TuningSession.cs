using System.Security.Cryptography;
using System.Text.Json;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Training.Encoders;

/// <summary>The fine-tuning of an encoder under way. Its folder is a Hugging Face folder with the best weights, plus what the run needs to go on.</summary>
public sealed class TuningSession
{
    private const string FingerprintFile = "data.sha256";

    private readonly TuningSource _source;
    private readonly StepLoop<HeldOutScore> _loop;

    private TuningSession(TuningRun run, RunFolder? folder, int threads, bool resume)
    {
        (Run, Folder) = (run, folder?.Location);
        var task = TuningTasks.Begin(run, Device.CreateCpu(threads));
        var hash = TuningTasks.TokensOf(run.Encoder, task.Model.Config).Tokenizer.Hash;
        _source = new(run, task, () =>
        {
            if (folder is not null) EncoderCheckpoint.Save(folder.Location, task.Model, hash);
        });
        _loop = new(_source, run.Optimizer, run.Schedule, run.GradientClip, run.Seed, folder);
        if (resume) _loop.Restore();
    }

    /// <summary>What decides the run's bits.</summary>
    public TuningRun Run { get; }

    /// <summary>The run's folder; null when nothing is saved.</summary>
    public string? Folder { get; }

    /// <summary>The task, with its model as it is now; the best one is in the folder.</summary>
    public TuningTask Task => _source.Task;

    /// <summary>Examples to learn from.</summary>
    public int TrainExamples => _source.Train.Count;

    /// <summary>Examples held out.</summary>
    public int ValidExamples => _source.Valid.Count;

    /// <summary>Updates of the whole run.</summary>
    public int TotalSteps => _source.TotalSteps;

    /// <summary>Updates done.</summary>
    public int StepsDone => _loop.State.Step;

    /// <summary>The update with the best evaluation.</summary>
    public int BestStep => _loop.State.BestStep;

    /// <summary>Its metric.</summary>
    public double? BestMetric => _loop.State.BestMetric;

    /// <summary>Whether all steps are done.</summary>
    public bool IsFinished => _loop.State.Finished;

    /// <summary>Begins a run: loads the encoder, puts a new head on it, reads the data.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save; null saves nothing.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <exception cref="ConfigurationException">The run cannot be: the message names the field and the way out.</exception>
    public static TuningSession Start(TuningRun run, string? folder = null, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Validate();
        if (folder is not null) RunFolder.RequireFree(folder, "finetune");
        var target = folder is null ? null : RunFolder.At(folder);
        // Everything is read before anything is written, so that a wrong name leaves nothing behind.
        var session = new TuningSession(run, target, threads, resume: false);
        if (target is null) return session;
        Directory.CreateDirectory(target.Location);
        TokenizerFolder.Save(TuningTasks.TokensOf(run.Encoder, session.Task.Model.Config).Tokenizer, target.Location);
        AtomicFile.WriteText(Path.Combine(target.Location, FingerprintFile), Fingerprint(run) + "\n");
        AtomicFile.WriteText(target.Run, JsonSerializer.Serialize(run, StemmaJson.Default.TuningRun) + "\n");
        return session;
    }

    /// <summary>Goes on with a run where its last checkpoint was taken, or from its beginning where there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <exception cref="ConfigurationException">The folder holds no such run, or its data or its encoder have changed.</exception>
    public static TuningSession Resume(string folder, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var target = RunFolder.At(folder);
        var fingerprint = Path.Combine(folder, FingerprintFile);
        if (!File.Exists(target.Run) || !File.Exists(fingerprint)) throw new ConfigurationException($"{folder} holds no run of `stemma finetune` to resume.");
        foreach (var file in Directory.EnumerateFiles(target.Location, "*.tmp")) File.Delete(file);
        TuningRun run;
        try
        {
            run = JsonSerializer.Deserialize(File.ReadAllText(target.Run), StemmaJson.Default.TuningRun) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConfigurationException($"{target.Run} is damaged: it is not the run.json of `stemma finetune`.");
        }
        run.Validate();
        if (File.ReadAllText(fingerprint).Trim() != Fingerprint(run)) throw new ConfigurationException($"{run.Train}, {run.Valid} or the encoder in {run.Encoder} has changed since {folder} was begun; start a new run.");
        return new(run, target, threads, resume: true);
    }

    /// <summary>Runs the remaining steps, each when it is asked for; after each epoch the step carries an evaluation. A run with a folder is saved then, and when it is stopped.</summary>
    /// <param name="cancellation">Ends the stream after the step under way.</param>
    public IEnumerable<EncoderStep> Steps(CancellationToken cancellation = default) => _loop.Run(cancellation).Select(done => new EncoderStep(done.Step, done.Score));

    private static string Fingerprint(TuningRun run)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (string[])[run.Train, run.Valid, Path.Combine(run.Encoder, CheckpointFiles.Weights)])
            if (File.Exists(file)) hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
