using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Training.Pairs;

/// <summary>Batches of pairs of about one length, every pair once an epoch; kept are the weights of the best held-out loss.</summary>
internal sealed class PairSource(PairRun run, ConditionalModel model, PairData data, Action takeBest) : StepSource<Evaluation.Evaluation>
{
    private readonly LengthBuckets _buckets = new(data.Train, run.BatchSize, new RandomStream(run.Seed).Fork("training").Fork("order"));
    private (int Number, IReadOnlyList<int[]> Batches) _epoch = (-1, []);

    public override IReadOnlyList<Parameter> Parameters => model.Parameters;

    public override int TotalSteps => run.Epochs * StepsPerEvaluation;

    public override int StepsPerEvaluation => _buckets.BatchCount;

    public override (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random)
    {
        var (epoch, number) = (step / StepsPerEvaluation, step % StepsPerEvaluation);
        if (_epoch.Number != epoch) _epoch = (epoch, _buckets.Epoch(epoch));
        var batch = PairBatch.Of([.. _epoch.Batches[number].Select(i => data.Train[i])], data.Tokens.TargetStart);
        var own = run.ScheduledSampling * step / Math.Max(1, TotalSteps - 1);
        if (own > 0) batch = model.Mixed(batch, own, random.Fork("own words"));
        return (model.Loss(batch, random.Fork("dropout"), run.LabelSmoothing), batch.Targets.Length, model.TrainingFlops(batch.Sources.Length, batch.Targets.Length));
    }

    public override Evaluation.Evaluation Evaluate()
    {
        var (nats, tokens) = (0.0, 0L);
        foreach (var chunk in data.Validation.OrderBy(pair => pair.Target.Length).ThenBy(pair => pair.Source.Length).Chunk(run.BatchSize))
        {
            using var scope = Memory.Scope();
            var batch = PairBatch.Of(chunk, data.Tokens.TargetStart);
            nats += model.Loss(batch, divisor: 1).ToScalar();
            tokens += batch.Targets.Length;
        }
        return new(nats / tokens, tokens, data.ValidationBytes);
    }

    public override TrainingState? Better(TrainingState state, Evaluation.Evaluation score) => state.Best is { } best && !(score.LossNatsPerToken < best.LossNatsPerToken) ? null : state with { Best = score };

    public override string Line(int step, Evaluation.Evaluation score) => TrainingRecords.Line(step, score);

    public override void TakeBest() => takeBest();
}
