using System.Diagnostics;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training.Encoders;

/// <summary>What a loop of updates trains: batches and their loss, and how good the model is on what was held out.</summary>
internal abstract class StepSource
{
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    public abstract int TotalSteps { get; }

    public abstract int StepsPerEvaluation { get; }

    /// <summary>The loss of one batch, the tokens it read and the operations of the step.</summary>
    public abstract (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random);

    /// <summary>How good the model is on what was held out: what is printed, and what chooses the weights to keep (more is better).</summary>
    public abstract HeldOutScore Evaluate();

    /// <summary>Keeps the weights as they are now.</summary>
    public abstract void TakeBest();
}

/// <summary>How good a model is on what was held out.</summary>
/// <param name="Loss">Nats per prediction.</param>
/// <param name="Metric">The task's own; more is better.</param>
/// <param name="MetricName">What it is called.</param>
public sealed record HeldOutScore(double Loss, double Metric, string MetricName);

/// <summary>One update, and the evaluation after it where there was one.</summary>
/// <param name="Step">The update.</param>
/// <param name="HeldOut">On what was held out.</param>
public sealed record EncoderStep(TrainingStep Step, HeldOutScore? HeldOut);

/// <summary>The loop itself: batch, loss, gradients, update; evaluations and checkpoints. A resumed run gives the bits of one never stopped.</summary>
internal sealed class StepLoop
{
    private readonly StepSource _source;
    private readonly Schedule _schedule;
    private readonly Optimizer _optimizer;
    private readonly RunFolder? _folder;
    private readonly double _clip;
    private readonly RandomStream _random;
    private readonly Device _device;

    public StepLoop(StepSource source, OptimizerConfig optimizer, Schedule schedule, double clip, ulong seed, RunFolder? folder)
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

    /// <summary>The remaining steps. Stops between two steps; then, and after each evaluation, everything is saved.</summary>
    public IEnumerable<EncoderStep> Run(CancellationToken stop)
    {
        using var metrics = _folder is null ? null : new MetricsFile(_folder.Metrics, State.MetricsLines);
        while (!State.Finished && !stop.IsCancellationRequested)
        {
            var step = Step(State.Step);
            metrics?.Write(step);
            State = State with { Step = step.Number };
            HeldOutScore? score = null;
            if (step.Number % _source.StepsPerEvaluation == 0 || step.Number == _source.TotalSteps)
            {
                score = Evaluate(step.Number);
                metrics?.Write(step.Number, score);
                State = State with { Finished = step.Number == _source.TotalSteps };
                Save(metrics);
            }
            yield return new(step with { IsBest = score is not null && State.BestStep == step.Number }, score);
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

    private HeldOutScore Evaluate(int step)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var score = _source.Evaluate();
        if (State.BestMetric is { } best && !(score.Metric > best)) return score;
        _source.TakeBest();
        State = State with { BestMetric = score.Metric, BestStep = step };
        return score;
    }

    private void Save(MetricsFile? metrics)
    {
        if (_folder is null) return;
        State = State with { MetricsLines = metrics!.Flush() };
        TrainingCheckpoint.Write(_folder, _source.Parameters, _optimizer, [], State);
    }
}
