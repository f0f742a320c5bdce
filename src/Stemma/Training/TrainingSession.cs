using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma.Training;

/// <summary>A training run under way: its data, model and optimizer, and the stream of its steps.</summary>
/// <remarks>
/// Saved in a folder, a run can be killed at any moment and resumed: the metrics (but for timings) and the weights come out as
/// those of a run never stopped, bit for bit, whatever the number of threads.
/// </remarks>
public sealed class TrainingSession : IDisposable
{
    private readonly RunFolder? _folder;
    private readonly RunData _data;
    private readonly TrainingLoop _loop;
    private readonly bool _sharesData;
    private readonly FolderLock? _lock;

    private TrainingSession(TrainingRun run, RunFolder? folder, RunData data, Device device, bool resume, bool sharesData = false, FolderLock? taken = null)
    {
        (Run, _folder, _data, _sharesData, _lock) = (run, folder, data, sharesData, taken);
        var vocabSize = Math.Max(run.Model.VocabSize, data.Tokenizer.VocabSize);
        var padded = (vocabSize + run.VocabMultiple - 1) / run.VocabMultiple * run.VocabMultiple;
        if (run.Model.VocabSize > 0 && run.Model.VocabSize < data.Tokenizer.VocabSize)
            throw new ConfigurationException($"model.vocab_size is {run.Model.VocabSize}, but the tokenizer has {data.Tokenizer.VocabSize} tokens. Leave it at 0 to take the tokenizer's.");
        Model = (run.Model with { VocabSize = padded }).Build(new Weights(new InitialWeights(run.Seed), device));
        _loop = new(run, Model, data, folder);
        if (resume) _loop.Restore();
    }

    /// <summary>The run's folder; null when nothing is saved.</summary>
    public string? Folder => _folder?.Location;

    /// <summary>What decides the run's bits.</summary>
    public TrainingRun Run { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer => _data.Tokenizer;

    /// <summary>The model as it is now; the best one once the run has ended.</summary>
    public NeuralLanguageModel Model { get; }

    /// <summary>What the run reads.</summary>
    public DataSummary Data => _data.Summary;

    /// <summary>Updates done.</summary>
    public int StepsDone => _loop.State.Step;

    /// <summary>Whether the run has ended: all its steps done, or stopped early.</summary>
    public bool IsFinished => _loop.State.Finished;

    /// <summary>The best evaluation so far, on the part of the held-out text that is looked at while training.</summary>
    public Evaluation.Evaluation? Best => _loop.State.Best;

    /// <summary>The update of the best evaluation.</summary>
    public int BestStep => _loop.State.BestStep;

    /// <summary>The best weights' evaluation on all the held-out text, once the run has ended.</summary>
    public Evaluation.Evaluation? Final => _loop.Final;

    /// <summary>Begins a run: reads the text, trains the tokenizer, encodes, initialises the weights.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save; null saves nothing.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellation">Stops the preparation and leaves nothing behind.</param>
    /// <exception cref="ConfigurationException">The run cannot be: the message names the field and the way out.</exception>
    public static TrainingSession Start(TrainingRun run, string? folder = null, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        options ??= new();
        run.Validate();
        // The text is opened before anything is written, so that a wrong name leaves nothing behind.
        Text.Corpora.Corpus.Open(run.Data.Source, run.Data.Lossy);
        if (run.Data.Validation.Length > 0) Text.Corpora.Corpus.Open(run.Data.Validation, run.Data.Lossy);
        // Taken before anything is written; what is no place for a new run is refused below.
        var taken = folder is null || RunFolder.Holds(folder) || File.Exists(folder) ? null : FolderLock.Take(folder);
        RunFolder? target = null;
        try
        {
            target = folder is null ? null : RunFolder.Create(folder, run);
            return Prepare(run, target, options, resume: false, taken, cancellation);
        }
        catch
        {
            taken?.Dispose();
            target?.Discard();
            throw;
        }
    }

    /// <summary>Goes on with a run where its last checkpoint was taken, or from its beginning where there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ConfigurationException">The folder holds no run, or another process is at work in it.</exception>
    public static TrainingSession Resume(string folder, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var taken = RunFolder.Holds(folder) ? FolderLock.Take(folder) : null;
        try
        {
            var (target, run) = RunFolder.Open(folder);
            run.Validate();
            return Prepare(run, target, options ?? new(), resume: true, taken, cancellation);
        }
        catch
        {
            taken?.Dispose();
            throw;
        }
    }

    /// <summary>Begins a run on a text that others read too, or goes on with it where its folder holds it.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save.</param>
    /// <param name="data">The prepared text; stays the caller's.</param>
    /// <param name="options">Threads.</param>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    internal static TrainingSession Open(TrainingRun run, string folder, RunData data, SessionOptions options)
    {
        run.Validate();
        var resumes = RunFolder.Holds(folder);
        if (resumes && RunFolder.Open(folder).Run != run) throw new ConfigurationException($"{folder} holds another run. Remove it, or choose another folder.");
        var target = resumes ? RunFolder.Open(folder).Folder : RunFolder.Create(folder, run);
        TokenizerFolder.Save(data.Tokenizer, target.Location);
        return new(run, target, data, Device.CreateCpu(options.Threads, run.Precision), resumes, sharesData: true);
    }

    /// <summary>Runs the remaining steps on a thread of its own, as a stream.</summary>
    /// <param name="cancellation">Ends the stream after the step under way; a run with a folder is saved first.</param>
    public async IAsyncEnumerable<TrainingStep> Steps([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<TrainingStep>(new BoundedChannelOptions(16) { SingleReader = true, SingleWriter = true });
        var thread = new Thread(() => Produce(channel.Writer, stop.Token)) { Name = "Stemma trainer", IsBackground = true };
        thread.Start();
        try
        {
            await foreach (var step in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return step;
        }
        finally
        {
            // A reader that leaves early stops the trainer, which may be waiting for room in the channel.
            await stop.CancelAsync().ConfigureAwait(false);
            while (channel.Reader.TryRead(out _)) { }
            thread.Join();
        }
    }

    /// <summary>Closes the data files and gives the folder back. The model stays usable.</summary>
    public void Dispose()
    {
        if (!_sharesData) _data.Dispose();
        _lock?.Dispose();
    }

    private static TrainingSession Prepare(TrainingRun run, RunFolder? folder, SessionOptions options, bool resume, FolderLock? taken, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var data = RunData.Prepare(run, folder, options, cancellation);
        try
        {
            var device = Device.CreateCpu(options.Threads, run.Precision);
            if (options.Budget is { } budget && !resume)
            {
                options.Progress?.Report(new("Measuring how fast this machine trains", double.NaN));
                var trial = new TrainingSession(run with { Steps = int.MaxValue, EvaluationInterval = 0 }, null, data, device, resume: false);
                var stepTime = budget.Measure(trial._loop.Run(cancellation));
                cancellation.ThrowIfCancellationRequested();
                run = run with { Steps = budget.Steps(run, data.Validation.Length, stepTime, watch.Elapsed) };
                folder?.Write(run);
            }
            return new(run, folder, data, device, resume, taken: taken);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private void Produce(ChannelWriter<TrainingStep> writer, CancellationToken stop)
    {
        try
        {
            foreach (var step in _loop.Run(stop))
                if (!writer.TryWrite(step)) Wait(writer, step, stop);
            writer.Complete();
        }
        catch (Exception error)
        {
            writer.Complete(error);
        }
    }

    // A reader that has left drains nothing more; its step is dropped.
    private static void Wait(ChannelWriter<TrainingStep> writer, TrainingStep step, CancellationToken stop)
    {
        while (!writer.TryWrite(step))
        {
            if (stop.IsCancellationRequested) Thread.Sleep(1);
            else writer.WaitToWriteAsync(CancellationToken.None).AsTask().Wait(100, CancellationToken.None);
        }
    }
}
