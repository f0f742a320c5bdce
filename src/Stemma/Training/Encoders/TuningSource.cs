using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Training.Encoders;

/// <summary>Batches of fine-tuning: every example once an epoch, in another order each.</summary>
internal sealed class TuningSource : EncoderSource
{
    private readonly TuningRun _run;
    private readonly Action _save;
    private readonly RandomStream _order;
    private (int Epoch, int[] Order) _epoch = (-1, []);

    public TuningSource(TuningRun run, TuningTask task, Action save)
    {
        (_run, Task, _save, _order) = (run, task, save, new RandomStream(run.Seed).Fork("order"));
        (Train, Valid) = (task.Read(run.Train), task.Read(run.Valid));
    }

    public TuningTask Task { get; }

    public IReadOnlyList<TuningExample> Train { get; }

    public IReadOnlyList<TuningExample> Valid { get; }

    public override IReadOnlyList<Parameter> Parameters => Task.Model.Parameters;

    public override int StepsPerEvaluation => (Train.Count + _run.BatchSize - 1) / _run.BatchSize;

    public override int TotalSteps => _run.Epochs * StepsPerEvaluation;

    public override (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random)
    {
        var (epoch, number) = (step / StepsPerEvaluation, step % StepsPerEvaluation);
        if (_epoch.Epoch != epoch) _epoch = (epoch, Order(epoch));
        TuningExample[] batch = [.. _epoch.Order.Skip(number * _run.BatchSize).Take(_run.BatchSize).Select(i => Train[i])];
        var tokens = batch.Sum(example => (long)example.Tokens.Length);
        return (Task.Loss(batch, random.Fork("dropout")), tokens, Task.Model.Encoder.TrainingFlops(tokens));
    }

    public override HeldOutScore Evaluate() => new(Task.Loss(Valid, _run.BatchSize), Task.Metrics(Valid, _run.BatchSize)[0].Value, Task.MetricName);

    public override void TakeBest() => _save();

    // Fisher and Yates 1938.
    private int[] Order(int epoch)
    {
        var (order, draws) = (Enumerable.Range(0, Train.Count).ToArray(), _order.Fork((ulong)epoch));
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)draws.Below(i + 1, (ulong)i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}
