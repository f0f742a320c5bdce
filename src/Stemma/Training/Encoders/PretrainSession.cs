using System.Text.Json;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Training.Encoders;

/// <summary>The pretraining of an encoder under way. Its folder is a Hugging Face folder with the best weights, plus what the run needs to go on.</summary>
public sealed class PretrainSession
{
    private const string FingerprintFile = "data.sha256";

    private readonly EncoderSource _source;
    private readonly StepLoop<HeldOutScore> _loop;

    private PretrainSession(PretrainRun run, RunFolder? folder, PretrainData data, int threads, bool resume)
    {
        (Run, Folder, TrainTokens, ValidationTokens) = (run, folder?.Location, data.Train.Length, data.Validation.Length);
        var (device, hash) = (Device.CreateCpu(threads), data.Tokens.Tokenizer.Hash);
        if (run.Objective is SpanObjective spans)
        {
            var source = new SpanSource(run, spans, data, device, model =>
            {
                if (folder is not null) EncoderDecoderCheckpoint.Save(folder.Location, model, hash);
            });
            (_source, ModelName) = (source, "T5ForConditionalGeneration");
        }
        else
        {
            var source = new PretrainSource(run, data, device, model =>
            {
                if (folder is not null) EncoderCheckpoint.Save(folder.Location, model, hash);
            });
            (_source, ModelName) = (source, source.Model.ClassName);
        }
        _loop = new(_source, run.Optimizer, run.Schedule, run.GradientClip, run.Seed, folder);
        if (resume) _loop.Restore();
    }

    /// <summary>What decides the run's bits.</summary>
    public PretrainRun Run { get; }

    /// <summary>The run's folder; null when nothing is saved.</summary>
    public string? Folder { get; }

    /// <summary>Hugging Face's class of what the folder holds: of ELECTRA the discriminator.</summary>
    public string ModelName { get; }

    /// <summary>All weights that are trained: of ELECTRA the generator's too.</summary>
    public long ParameterCount => _source.Parameters.Sum(weight => weight.Shape.Count);

    /// <summary>Tokens to learn from.</summary>
    public int TrainTokens { get; }

    /// <summary>Tokens held out.</summary>
    public int ValidationTokens { get; }

    /// <summary>Updates done.</summary>
    public int StepsDone => _loop.State.Step;

    /// <summary>The update with the best evaluation.</summary>
    public int BestStep => _loop.State.BestStep;

    /// <summary>Its metric.</summary>
    public double? BestMetric => _loop.State.BestMetric;

    /// <summary>Whether all steps are done.</summary>
    public bool IsFinished => _loop.State.Finished;

    /// <summary>Begins a run: reads the text, trains the tokenizer, initialises the weights.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save; null saves nothing.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <param name="progress">Told what is being prepared.</param>
    /// <param name="cancellation">Stops the preparation and leaves nothing behind.</param>
    /// <exception cref="ConfigurationException">The run cannot be: the message names the field and the way out.</exception>
    public static PretrainSession Start(PretrainRun run, string? folder = null, int threads = 0, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Validate();
        if (folder is not null) RunFolder.RequireFree(folder, "pretrain");
        // Everything is read before anything is written, so that a wrong name leaves nothing behind.
        var data = PretrainData.Prepare(run, null, progress, cancellation);
        var target = folder is null ? null : RunFolder.At(folder);
        var session = new PretrainSession(run, target, data, threads, resume: false);
        if (target is null) return session;
        Directory.CreateDirectory(target.Location);
        TokenizerFolder.Save(data.Tokens.Tokenizer, target.Location);
        AtomicFile.WriteText(Path.Combine(target.Location, FingerprintFile), data.Fingerprint + "\n");
        AtomicFile.WriteText(target.Run, JsonSerializer.Serialize(run, StemmaJson.Default.PretrainRun) + "\n");
        return session;
    }

    /// <summary>Goes on with a run where its last checkpoint was taken, or from its beginning where there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <param name="progress">Told what is being prepared.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ConfigurationException">The folder holds no such run, or its text has changed.</exception>
    public static PretrainSession Resume(string folder, int threads = 0, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var target = RunFolder.At(folder);
        var fingerprint = Path.Combine(folder, FingerprintFile);
        if (!File.Exists(target.Run) || !File.Exists(fingerprint) || target.Tokenizer is not { } tokenizer) throw new ConfigurationException($"{folder} holds no run of `stemma pretrain` to resume.");
        foreach (var file in Directory.EnumerateFiles(target.Location, "*.tmp")) File.Delete(file);
        PretrainRun run;
        try
        {
            run = JsonSerializer.Deserialize(File.ReadAllText(target.Run), StemmaJson.Default.PretrainRun) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConfigurationException($"{target.Run} is damaged: it is not the run.json of `stemma pretrain`.");
        }
        run.Validate();
        var data = PretrainData.Prepare(run, Tokenizer.Load(tokenizer), progress, cancellation);
        if (File.ReadAllText(fingerprint).Trim() != data.Fingerprint) throw new ConfigurationException($"The text of {run.Data.Source} has changed since {folder} was begun; start a new run.");
        return new(run, target, data, threads, resume: true);
    }

    /// <summary>Runs the remaining steps, each when it is asked for. A run with a folder is saved after each evaluation, and when it is stopped.</summary>
    /// <param name="cancellation">Ends the stream after the step under way.</param>
    public IEnumerable<EncoderStep> Steps(CancellationToken cancellation = default) => _loop.Run(cancellation).Select(done => new EncoderStep(done.Step, done.Score));
}
