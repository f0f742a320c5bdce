using System.Text.Json;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Training.Pairs;

/// <summary>The training of an encoder–decoder under way: its pairs, model and optimizer, and its steps.</summary>
/// <remarks>Saved in a folder, a run can be killed at any moment and resumed: the metrics (but for timings) and the weights come out as those of a run never stopped, bit for bit, whatever the number of threads.</remarks>
public sealed class PairSession
{
    private const string FingerprintFile = "data.sha256";

    private readonly PairData _data;
    private readonly PairSource _source;
    private readonly StepLoop<Evaluation.Evaluation> _loop;

    private PairSession(PairRun run, RunFolder? folder, PairData data, Device device, bool resume)
    {
        (Run, Folder, _data) = (run, folder?.Location, data);
        var isNew = run.Pretrained.Length == 0;
        var config = run.Model with { SourceVocabSize = Math.Max(run.Model.SourceVocabSize, data.Tokens.SourceVocabSize), TargetVocabSize = Math.Max(run.Model.TargetVocabSize, data.Tokens.TargetVocabSize) };
        Model = isNew ? config.Build(new Weights(new InitialWeights(run.Seed), device)) : PretrainedPairs.Model(run, device);
        _source = new(run, Model, data, () =>
        {
            if (folder is null) return;
            if (isNew) ConditionalCheckpoint.Save(folder.Location, Model, data.Tokens);
            else EncoderDecoderCheckpoint.Save(folder.Location, (EncoderDecoderModel)Model, data.Tokens.Source.Hash);
        });
        _loop = new(_source, run.Optimizer, run.Schedule, run.GradientClip, run.Seed, folder);
        if (resume) _loop.Restore();
    }

    /// <summary>The run's folder; null when nothing is saved.</summary>
    public string? Folder { get; }

    /// <summary>What decides the run's bits.</summary>
    public PairRun Run { get; }

    /// <summary>The model as it is now; the best one is in the folder.</summary>
    public ConditionalModel Model { get; }

    /// <summary>The tokenizers.</summary>
    public PairTokens Tokens => _data.Tokens;

    /// <summary>Pairs to train on.</summary>
    public int TrainPairs => _data.Train.Length;

    /// <summary>Pairs left out because they are too long.</summary>
    public int LeftOut => _data.LeftOut;

    /// <summary>Pairs held out.</summary>
    public int ValidationPairs => _data.Validation.Length;

    /// <summary>Tokens of the sources to train on.</summary>
    public long SourceTokens => _data.Train.Sum(pair => (long)pair.Source.Length);

    /// <summary>Tokens of the targets to train on.</summary>
    public long TargetTokens => _data.Train.Sum(pair => (long)pair.Target.Length);

    /// <summary>Updates done.</summary>
    public int StepsDone => _loop.State.Step;

    /// <summary>Updates of the whole run.</summary>
    public int TotalSteps => _source.TotalSteps;

    /// <summary>Updates per pass over the pairs.</summary>
    public int StepsPerEpoch => _source.StepsPerEvaluation;

    /// <summary>Whether all steps are done.</summary>
    public bool IsFinished => _loop.State.Finished;

    /// <summary>The best evaluation on the held-out pairs so far.</summary>
    public Evaluation.Evaluation? Best => _loop.State.Best;

    /// <summary>The update of the best evaluation.</summary>
    public int BestStep => _loop.State.BestStep;

    /// <summary>Begins a run: reads the pairs, trains the tokenizers, initialises the weights.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save; null saves nothing.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <param name="progress">Told what is being prepared.</param>
    /// <param name="cancellation">Stops the preparation and leaves nothing behind.</param>
    /// <exception cref="ConfigurationException">The run cannot be: the message names the field and the way out.</exception>
    public static PairSession Start(PairRun run, string? folder = null, int threads = 0, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Validate();
        if (folder is not null) RunFolder.RequireFree(folder, "translate train");
        // Everything is read before anything is written, so that a wrong name leaves nothing behind.
        var data = PairData.Prepare(run, null, progress, cancellation);
        var target = folder is null ? null : RunFolder.At(folder);
        var session = new PairSession(run, target, data, Device.CreateCpu(threads), resume: false);
        if (target is null) return session;
        Directory.CreateDirectory(target.Location);
        if (run.Pretrained.Length > 0) TokenizerFolder.Save(data.Tokens.Source, target.Location);
        else ConditionalCheckpoint.Save(target.Location, data.Tokens);
        AtomicFile.WriteText(Path.Combine(target.Location, FingerprintFile), data.Fingerprint + PretrainedPairs.Fingerprint(run) + "\n");
        AtomicFile.WriteText(target.Run, JsonSerializer.Serialize(run, StemmaJson.Default.PairRun) + "\n");
        return session;
    }

    /// <summary>Goes on with a run where its last checkpoint was taken, or from its beginning where there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <param name="progress">Told what is being prepared.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ConfigurationException">The folder holds no such run, or its pairs have changed.</exception>
    public static PairSession Resume(string folder, int threads = 0, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var target = RunFolder.At(folder);
        var fingerprint = Path.Combine(folder, FingerprintFile);
        if (!File.Exists(target.Run) || !File.Exists(fingerprint)) throw new ConfigurationException($"{folder} holds no run of `stemma translate train` to resume.");
        foreach (var file in Directory.EnumerateFiles(target.Location, "*.tmp")) File.Delete(file);
        PairRun run;
        try
        {
            run = JsonSerializer.Deserialize(File.ReadAllText(target.Run), StemmaJson.Default.PairRun) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConfigurationException($"{target.Run} is damaged: it is not the run.json of `stemma translate train`.");
        }
        run.Validate();
        var tokens = PretrainedPairs.Tokens(run);
        if (tokens is null)
        {
            var (source, other) = ConditionalCheckpoint.Tokenizers(folder);
            tokens = new(source, other, run.Data.Lowercase);
        }
        var data = PairData.Prepare(run, tokens, progress, cancellation);
        if (File.ReadAllText(fingerprint).Trim() != data.Fingerprint + PretrainedPairs.Fingerprint(run))
            throw new ConfigurationException($"The text of {run.Data.Source} or of the other files{(run.Pretrained.Length > 0 ? $", or the model in {run.Pretrained}," : "")} has changed since {folder} was begun; start a new run.");
        return new(run, target, data, Device.CreateCpu(threads), resume: true);
    }

    /// <summary>Runs the remaining steps, each when it is asked for; after each epoch the step carries an evaluation. A run with a folder is saved then, and when it is stopped.</summary>
    /// <param name="cancellation">Ends the stream after the step under way.</param>
    public IEnumerable<TrainingStep> Steps(CancellationToken cancellation = default) => _loop.Run(cancellation).Select(done => done.Step with { Evaluation = done.Score });
}
