using System.Diagnostics;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training;

/// <summary>What a loop of updates trains: batches and their loss, and how good the model is on what was held out.</summary>
/// <typeparam name="TScore">How that is said.</typeparam>
internal abstract class StepSource<TScore> where TScore : class
{
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    public abstract int TotalSteps { get; }

    public abstract int StepsPerEvaluation { get; }

    /// <summary>The loss of one batch, the tokens it read and the operations of the step.</summary>
    public abstract (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random);

    /// <summary>How good the model is on what was held out.</summary>
    public abstract TScore Evaluate();

    /// <summary>The state with a score in the place of the best one; null where that stays the best.</summary>
    public abstract TrainingState? Better(TrainingState state, TScore score);

    /// <summary>An evaluation as a line of <c>metrics.jsonl</c>.</summary>
    public abstract string Line(int step, TScore score);

    /// <summary>Keeps the weights as they are now.</summary>
    public abstract void TakeBest();
}

/// <summary>The loop itself: batch, loss, gradients, update; evaluations and checkpoints. A resumed run gives the bits of one never stopped.</summary>
internal sealed class StepLoop<TScore> where TScore : class
{
    private readonly StepSource<TScore> _source;
    private readonly Schedule _schedule;
    private readonly Optimizer _optimizer;
    private readonly RunFolder? _folder;
    private readonly double _clip;
    private readonly RandomStream _random;
    private readonly Device _device;

    public StepLoop(StepSource<TScore> source, OptimizerConfig optimizer, Schedule schedule, double clip, ulong seed, RunFolder? folder)
    {
        (_source, _schedule, _clip, _folder) = (source, schedule, clip, folder);
        _optimizer = optimizer.Build(source.Parameters);
        _random = new RandomStream(seed).Fork("training");
        _device = source.Parameters[0].Value.Device;
    }

    public TrainingState State { get; private set; } = new() { Step = 0, MetricsLines = 0 };

    /// <summary>Takes up the last checkpoint, where there is one.</summary>
    public void Restore()
    {
        if (_folder is not null && File.Exists(_folder.Checkpoint)) State = TrainingCheckpoint.Read(_folder, _source.Parameters, _optimizer, []);
    }

    /// <summary>The remaining steps, with the evaluation after them where there is one. Stops between two steps; then, and after each evaluation, everything is saved.</summary>
    /// <exception cref="ConfigurationException">Another process is at work in the folder.</exception>
    public IEnumerable<(TrainingStep Step, TScore? Score)> Run(CancellationToken stop)
    {
        using var taken = _folder is null ? null : FolderLock.Take(_folder.Location);
        using var metrics = _folder is null ? null : new MetricsFile(_folder.Metrics, State.MetricsLines);
        while (!State.Finished && !stop.IsCancellationRequested)
        {
            var step = Step(State.Step);
            metrics?.Write(step);
            State = State with { Step = step.Number };
            TScore? score = null;
            if (step.Number % _source.StepsPerEvaluation == 0 || step.Number == _source.TotalSteps)
            {
                score = Evaluate(step.Number);
                metrics?.Write(_source.Line(step.Number, score));
                State = State with { Finished = step.Number == _source.TotalSteps };
                Save(metrics);
            }
            yield return (step with { IsBest = score is not null && State.BestStep == step.Number }, score);
        }
        if (!State.Finished && State.Step > 0) Save(metrics);
    }

    private TrainingStep Step(int index)
    {
        var watch = Stopwatch.StartNew();
        using var scope = Memory.Scope();
        using var tape = Tape.Start();
        var (loss, tokens, flops) = _source.Loss(index, _random.Fork((ulong)index));
        var value = loss.ToScalar();
        var gradients = tape.Backward(loss);
        if (!double.IsFinite(value) || !double.IsFinite(gradients.Norm))
            throw new TrainingFailedException($"Step {index + 1}: the loss is {value}, its gradients' norm {gradients.Norm}. Lower the learning rate; the last checkpoint is intact.");
        if (_clip > 0) gradients.ClipNorm(_clip);
        var rate = _schedule.Rate(index, _source.TotalSteps);
        _optimizer.Step(gradients, rate);
        var seconds = watch.Elapsed.TotalSeconds;
        return new(index + 1, value, rate, gradients.Norm, 1000 * seconds, tokens / seconds, flops / seconds / MachinePeak.Flops(_device.ThreadCount, _device.Precision, reached: flops / seconds));
    }

    private TScore Evaluate(int step)
    {
        using var scope = Memory.Scope();
        var score = _source.Evaluate();
        if (_source.Better(State, score) is { } better)
        {
            _source.TakeBest();
            State = better with { BestStep = step, EvaluationsSinceBest = 0 };
        }
        else
        {
            State = State with { EvaluationsSinceBest = State.EvaluationsSinceBest + 1 };
        }
        return score;
    }

    private void Save(MetricsFile? metrics)
    {
        if (_folder is null) return;
        State = State with { MetricsLines = metrics!.Flush() };
        TrainingCheckpoint.Write(_folder, _source.Parameters, _optimizer, [], State);
    }
}
