using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Stemma.Evaluation;
using Stemma.Evaluation.Metrics;
using Stemma.Evaluation.Metrics.Translation;
using Stemma.Generation;
using Stemma.Models.NGram;
using Stemma.Models.Uniform;
using Stemma.Numerics.Formats;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>Carries out a <see cref="LineageRun"/>: every rung on the same text, the same tokens, the same held-out part, one after the other.</summary>
/// <remarks>
/// A folder holds <c>lineage.json</c>, <c>tokenizer.json</c>, the tokens, and for every rung a folder like that of any other model with
/// <c>result.json</c> beside it. A lineage that was stopped goes on where it was: finished rungs are read, the one under way is resumed.
/// </remarks>
public sealed class LineageSession : IDisposable
{
    private const int EvaluationInterval = 100, EvaluationTokens = 1 << 14, SampleTokens = 48, PromptTokens = 8;

    private readonly RunFolder _folder;
    private readonly RunData _data;
    private readonly int _threads;
    private readonly Lazy<AbilityTest> _abilities;
    private readonly FolderLock _lock;

    private LineageSession(LineageRun run, RunFolder folder, RunData data, int threads, FolderLock taken)
    {
        (Run, _folder, _data, _threads, _lock) = (run, folder, data, threads, taken);
        _abilities = new(() => new(data.Train, data.Validation, run.Seed));
        Prompt = run.Prompt.Length > 0 ? run.Prompt : FirstWords(data);
    }

    /// <summary>What decides the lineage.</summary>
    public LineageRun Run { get; }

    /// <summary>What every rung reads.</summary>
    public DataSummary Data => _data.Summary;

    /// <summary>Tokens of the vocabulary.</summary>
    public int VocabSize => _data.Tokenizer.VocabSize;

    /// <summary>What every rung continues.</summary>
    public string Prompt { get; }

    /// <summary>The folder.</summary>
    public string Folder => _folder.Location;

    /// <summary>Begins a lineage, or opens one that was stopped: reads the text, trains the tokenizer.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where.</param>
    /// <param name="threads">Threads per operation; 0 for one per processor.</param>
    /// <param name="progress">Told what is being prepared.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="ConfigurationException">The run cannot be, or the folder holds another one, or another process is at work in it.</exception>
    public static LineageSession Open(LineageRun run, string folder, int threads = 0, IProgress<Preparation>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.Validate();
        var file = Path.Combine(folder, "lineage.json");
        var json = JsonSerializer.Serialize(run, StemmaJson.Default.LineageRun) + "\n";
        if (!File.Exists(file))
        {
            if (FolderLock.HoldsAnything(folder)) throw new ConfigurationException($"{folder} holds something else; choose another folder with --out.");
            // A wrong name leaves nothing behind.
            Text.Corpora.Corpus.Open(run.Data.Source, run.Data.Lossy);
        }
        var taken = FolderLock.Take(folder);
        RunData? data = null;
        try
        {
            // Which rungs are asked for changes none of them: more can come at any time.
            if (File.Exists(file) && AllRungs(ReadRun(file)) != AllRungs(run)) throw new ConfigurationException($"{folder} holds a lineage with other settings ({file}); choose another folder with --out.");
            AtomicFile.WriteText(file, json);
            var target = RunFolder.At(folder);
            var text = new TrainingRun { Data = run.Data, Tokenizer = run.Tokenizer, Model = Presets.Docs.Model };
            data = RunData.Prepare(text, target, new() { Threads = threads, Progress = progress }, cancellation);
            // A prompt that has no tokens is an error now and not after the first rung.
            data.Tokenizer.Encode(run.Prompt);
            return new(run, target, data, threads, taken);
        }
        catch
        {
            data?.Dispose();
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Every rung's result, as it comes.</summary>
    /// <param name="progress">Told how far the rung under way is.</param>
    /// <param name="cancellation">Stops; what is trained so far is saved.</param>
    public async IAsyncEnumerable<(Rung Rung, RungResult Result)> Results(IProgress<RungProgress>? progress = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var rung in Run.Selected())
        {
            cancellation.ThrowIfCancellationRequested();
            var folder = FolderOf(rung);
            var file = Path.Combine(folder, "result.json");
            RungResult result;
            if (File.Exists(file))
            {
                result = JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false), StemmaJson.Default.RungResult) ?? throw new ConfigurationException($"{file} holds no result; delete it to measure that rung again.");
            }
            else
            {
                progress?.Report(new(rung, "beginning", 0));
                result = rung switch
                {
                    UniformRung => Uniform(rung, cancellation),
                    CountedRung counted => await Task.Run(() => Count(counted, folder, progress, cancellation), CancellationToken.None).ConfigureAwait(false),
                    TrainedRung trained => await TrainAsync(trained, folder, progress, cancellation).ConfigureAwait(false),
                    _ => throw new InvalidOperationException($"{rung.GetType().Name} is no kind of rung."),
                };
                Directory.CreateDirectory(folder);
                AtomicFile.WriteText(file, JsonSerializer.Serialize(result, StemmaJson.Default.RungResult) + "\n");
            }
            yield return (rung, result);
        }
    }

    /// <summary>A rung's own folder.</summary>
    public string FolderOf(Rung rung)
    {
        ArgumentNullException.ThrowIfNull(rung);
        return Path.Combine(Folder, "rungs", rung.Name);
    }

    /// <summary>Closes the data files and gives the folder back.</summary>
    public void Dispose()
    {
        _data.Dispose();
        _lock.Dispose();
    }

    private static LineageRun ReadRun(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), StemmaJson.Default.LineageRun) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new ConfigurationException($"{file} is no lineage's; choose another folder with --out.");
        }
    }

    private static string AllRungs(LineageRun run) => JsonSerializer.Serialize(run with { Rungs = [] }, StemmaJson.Default.LineageRun);

    private RungResult Uniform(Rung rung, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var model = new UniformModel(_data.Tokenizer.VocabSize);
        return Measure(rung, model, null, watch, Environment.WorkingSet, null, cancellation) with { TokensPerSecond = 0 };
    }

    private RungResult Count(CountedRung rung, string folder, IProgress<RungProgress>? progress, CancellationToken cancellation)
    {
        // What a stop left of it; counting takes seconds.
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var (watch, energy) = (Stopwatch.StartNew(), new EnergyMeter());
        using var memory = new PeakMemory();
        var run = new NGramRun { Model = rung.Model, Data = Run.Data, Tokenizer = new TokenizerFileConfig { Path = _folder.Tokenizer! } };
        var summary = NGramSession.Run(run, folder, null, _threads, null, new Relay(rung, progress), cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        using var model = NGramCheckpoint.Load(folder);
        progress?.Report(new(rung, "predicting the held-out text", double.NaN));
        return Measure(rung, model, null, watch, memory.Bytes, energy.Joules, cancellation) with
        {
            Parameters = summary.Counts.Sum(),
            Steps = 1,
            TrainedTokens = _data.Train.Length,
            TokensPerSecond = _data.Train.Length / seconds,
        };
    }

    private async Task<RungResult> TrainAsync(TrainedRung rung, string folder, IProgress<RungProgress>? progress, CancellationToken cancellation)
    {
        var (watch, energy) = (Stopwatch.StartNew(), new EnergyMeter());
        using var memory = new PeakMemory();
        var resumes = RunFolder.Holds(folder);
        var run = rung.Run with
        {
            Data = Run.Data,
            Tokenizer = new TokenizerFileConfig { Path = _folder.Tokenizer! },
            Seed = Run.Seed,
            EvaluationInterval = EvaluationInterval,
            EvaluationTokens = EvaluationTokens,
            SampleTokens = 0,
            Patience = 0,
        };
        if (Run.BudgetFlops is { } flops)
        {
            var plan = TrainingPlan.Of(run with { Model = run.Model with { VocabSize = _data.Tokenizer.VocabSize } });
            run = run with { Steps = (int)Math.Clamp(flops / plan.FlopsPerStep, 1, int.MaxValue - 1) };
        }
        var options = new SessionOptions
        {
            Threads = _threads,
            Progress = new Relay(rung, progress),
            Budget = Run.BudgetSeconds is { } seconds ? new(TimeSpan.FromSeconds(seconds)) : null,
        };
        using var session = resumes ? TrainingSession.Resume(folder, options, cancellation) : TrainingSession.Start(run, folder, options, cancellation);
        await foreach (var step in session.Steps(cancellation).ConfigureAwait(false))
            progress?.Report(new(rung, $"step {step.Number:N0} of {session.Run.Steps:N0}, loss {step.Loss:0.000}", (double)step.Number / session.Run.Steps));
        cancellation.ThrowIfCancellationRequested();
        var (milliseconds, curve) = ReadMetrics(session);
        var tokensPerStep = TokensPerStep(session.Run);
        var tokens = (long)session.StepsDone * tokensPerStep;
        progress?.Report(new(rung, "measuring what it can do", double.NaN));
        var result = await Task.Run(
            () => Measure(rung, session.Model, session.Final is { Blocks.Count: > 0 } final ? final : null, watch, memory.Bytes, energy.Joules, cancellation), CancellationToken.None).ConfigureAwait(false);
        return result with
        {
            Parameters = session.Model.Parameters.Sum(weight => (long)weight.Shape.Count),
            Steps = session.StepsDone,
            TrainedTokens = tokens,
            TokensPerSecond = 1000 * tokens / milliseconds,
            Flops = TrainingPlan.Of(session.Run with { Model = session.Model.Config }).FlopsPerStep * session.StepsDone,
            // Of a run in several sittings the steps of the earlier ones count, not the time between.
            Seconds = resumes ? Math.Max(result.Seconds, milliseconds / 1000) : result.Seconds,
            Curve = curve,
        };
    }

    private RungResult Measure(Rung rung, ILanguageModel model, Evaluation.Evaluation? evaluation, Stopwatch watch, long peakBytes, double? joules, CancellationToken cancellation)
    {
        evaluation ??= Evaluator.Evaluate(model, _data.Tokenizer, _data.Validation, cancellation: cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        var abilities = _abilities.Value.Measure(model, cancellation);
        var sample = string.Concat(new LanguageModel(model, _data.Tokenizer).Generate(Prompt, new GenerationOptions { MaxTokens = SampleTokens, Temperature = 0.8, Seed = Run.Seed }));
        var result = new RungResult
        {
            Name = rung.Name,
            Parameters = 0,
            Steps = 0,
            TrainedTokens = 0,
            TokensPerSecond = 0,
            Flops = 0,
            Seconds = seconds,
            PeakBytes = peakBytes,
            Joules = joules,
            Abilities = abilities,
            Sample = sample,
            Curve = [],
            Blocks = evaluation.Blocks,
        };
        if (!double.IsFinite(evaluation.BitsPerByte)) return result;
        var interval = SystemComparison.Interval(new BitsPerByteScore(), ArrowTest.Counts(result));
        return result with { BitsPerByte = evaluation.BitsPerByte, Low = interval.Low, High = interval.High };
    }

    private static string FirstWords(RunData data)
    {
        var ids = new int[Math.Min(PromptTokens, data.Validation.Length)];
        data.Validation.Read(0, ids);
        return data.Tokenizer.Decode(ids);
    }

    private static long TokensPerStep(TrainingRun run) => (long)run.BatchSize * run.AccumulationSteps * run.Model.ContextLength;

    private static (double Milliseconds, IReadOnlyList<CurvePoint> Curve) ReadMetrics(TrainingSession session)
    {
        var (milliseconds, curve) = (0.0, new List<CurvePoint>());
        foreach (var line in File.ReadLines(Path.Combine(session.Folder!, "metrics.jsonl")))
        {
            using var record = JsonDocument.Parse(line);
            var step = record.RootElement.GetProperty("step").GetInt64();
            if (record.RootElement.TryGetProperty("milliseconds", out var time)) milliseconds += time.GetDouble();
            if (record.RootElement.TryGetProperty("bits_per_byte", out var bits)) curve.Add(new(step * TokensPerStep(session.Run), bits.GetDouble()));
        }
        return (milliseconds, curve);
    }

    private sealed class Relay(Rung rung, IProgress<RungProgress>? progress) : IProgress<Preparation>
    {
        public void Report(Preparation value) => progress?.Report(new(rung, value.Stage, value.Fraction));
    }
}

/// <summary>How far a rung is.</summary>
/// <param name="Rung">The one under way.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done; NaN where that is not known.</param>
public readonly record struct RungProgress(Rung Rung, string Stage, double Fraction);
