using System.Diagnostics;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;

namespace Stemma.Training.Pairs;

/// <summary>The loop itself: batch, loss, gradients, update; after each epoch an evaluation and a checkpoint.</summary>
internal sealed class PairLoop
{
    private readonly PairRun _run;
    private readonly ConditionalModel _model;
    private readonly PairData _data;
    private readonly RunFolder? _folder;
    private readonly Optimizer _optimizer;
    private readonly LengthBuckets _buckets;
    private readonly RandomStream _random;
    private readonly Action _takeBest;
    private IReadOnlyList<int[]> _epoch = [];

    public PairLoop(PairRun run, ConditionalModel model, PairData data, RunFolder? folder, Action takeBest)
    {
        (_run, _model, _data, _folder, _takeBest) = (run, model, data, folder, takeBest);
        _optimizer = run.Optimizer.Build(model.Parameters);
        _random = new RandomStream(run.Seed).Fork("training");
        _buckets = new(data.Train, run.BatchSize, _random.Fork("order"));
    }

    public TrainingState State { get; private set; } = new() { Step = 0, MetricsLines = 0 };

    public int TotalSteps => _run.Epochs * _buckets.BatchCount;

    public int StepsPerEpoch => _buckets.BatchCount;

    /// <summary>Takes up the last checkpoint, where there is one.</summary>
    public void Restore()
    {
        if (File.Exists(_folder!.Checkpoint)) State = TrainingCheckpoint.Read(_folder, _model.Parameters, _optimizer, []);
    }

    /// <summary>The remaining steps. Stops between two steps; then, and after each epoch, everything is saved.</summary>
    public IEnumerable<TrainingStep> Run(CancellationToken stop)
    {
        using var metrics = _folder is null ? null : new MetricsFile(_folder.Metrics, State.MetricsLines);
        while (!State.Finished && !stop.IsCancellationRequested)
        {
            var step = Step(State.Step);
            metrics?.Write(step);
            State = State with { Step = step.Number };
            if (step.Number % StepsPerEpoch == 0)
            {
                step = Evaluate(step);
                metrics?.Write(step.Number, step.Evaluation!);
                State = State with { Finished = step.Number == TotalSteps };
                Save(metrics);
            }
            yield return step;
        }
        if (!State.Finished && State.Step > 0) Save(metrics);
    }

    private TrainingStep Step(int index)
    {
        var watch = Stopwatch.StartNew();
        using var scope = Memory.Scope();
        using var tape = Tape.Start();
        var (epoch, number) = (index / StepsPerEpoch, index % StepsPerEpoch);
        if (number == 0 || _epoch.Count == 0) _epoch = _buckets.Epoch(epoch);
        var random = _random.Fork((ulong)index);
        var batch = PairBatch.Of([.. _epoch[number].Select(i => _data.Train[i])], _data.Tokens.TargetStart);
        var own = _run.ScheduledSampling * index / Math.Max(1, TotalSteps - 1);
        if (own > 0) batch = _model.Mixed(batch, own, random.Fork("own words"));
        var loss = _model.Loss(batch, random.Fork("dropout"), _run.LabelSmoothing);
        var value = loss.ToScalar();
        var gradients = tape.Backward(loss);
        if (!double.IsFinite(value) || !double.IsFinite(gradients.Norm))
            throw new TrainingFailedException($"Step {index + 1}: the loss is {value}, its gradients' norm {gradients.Norm}. Lower the learning rate; the last checkpoint is intact.");
        if (_run.GradientClip > 0) gradients.ClipNorm(_run.GradientClip);
        var rate = _run.Schedule.Rate(index, TotalSteps);
        _optimizer.Step(gradients, rate);
        var seconds = watch.Elapsed.TotalSeconds;
        var flops = _model.TrainingFlops(batch.Sources.Length, batch.Targets.Length) / seconds;
        return new(index + 1, value, rate, gradients.Norm, 1000 * seconds, batch.Targets.Length / seconds, flops / MachinePeak.Flops(_model.Device.ThreadCount, _model.Device.Precision, reached: flops));
    }

    private TrainingStep Evaluate(TrainingStep step)
    {
        var (nats, tokens) = (0.0, 0L);
        foreach (var chunk in _data.Validation.OrderBy(pair => pair.Target.Length).ThenBy(pair => pair.Source.Length).Chunk(_run.BatchSize))
        {
            using var scope = Memory.Scope();
            var batch = PairBatch.Of(chunk, _data.Tokens.TargetStart);
            nats += _model.Loss(batch, divisor: 1).ToScalar();
            tokens += batch.Targets.Length;
        }
        var evaluation = new Evaluation.Evaluation(nats / tokens, tokens, _data.ValidationBytes);
        var isBest = State.Best is null || evaluation.LossNatsPerToken < State.Best.LossNatsPerToken;
        if (isBest) _takeBest();
        State = isBest ? State with { Best = evaluation, BestStep = step.Number, EvaluationsSinceBest = 0 } : State with { EvaluationsSinceBest = State.EvaluationsSinceBest + 1 };
        return step with { Evaluation = evaluation, IsBest = isBest };
    }

    private void Save(MetricsFile? metrics)
    {
        if (_folder is null) return;
        State = State with { MetricsLines = metrics!.Flush() };
        TrainingCheckpoint.Write(_folder, _model.Parameters, _optimizer, [], State);
    }
}
