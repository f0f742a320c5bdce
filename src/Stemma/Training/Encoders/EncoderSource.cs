namespace Stemma.Training.Encoders;

/// <summary>How good a model is on what was held out.</summary>
/// <param name="Loss">Nats per prediction.</param>
/// <param name="Metric">The task's own; more is better.</param>
/// <param name="MetricName">What it is called.</param>
public sealed record HeldOutScore(double Loss, double Metric, string MetricName);

/// <summary>One update, and the evaluation after it where there was one.</summary>
/// <param name="Step">The update.</param>
/// <param name="HeldOut">On what was held out.</param>
public sealed record EncoderStep(TrainingStep Step, HeldOutScore? HeldOut);

/// <summary>Training whose weights are kept by a metric of its task.</summary>
internal abstract class EncoderSource : StepSource<HeldOutScore>
{
    public override TrainingState? Better(TrainingState state, HeldOutScore score) => state.BestMetric is { } best && !(score.Metric > best) ? null : state with { BestMetric = score.Metric };

    public override string Line(int step, HeldOutScore score) => TrainingRecords.Line(step, score);
}
