namespace Stemma.Training;

/// <summary>Where a run stands, beside its weights and the optimizer's tensors.</summary>
internal sealed record TrainingState
{
    /// <summary>Updates done.</summary>
    public required int Step { get; init; }

    /// <summary>Lines of <c>metrics.jsonl</c> that belong to these updates; a resumed run cuts off what comes after.</summary>
    public required int MetricsLines { get; init; }

    /// <summary>The update with the best evaluation; 0 before the first.</summary>
    public int BestStep { get; init; }

    /// <summary>That evaluation.</summary>
    public Evaluation.Evaluation? Best { get; init; }

    /// <summary>The best value of a task's own metric, where weights are kept by that.</summary>
    public double? BestMetric { get; init; }

    /// <summary>Evaluations since the best one.</summary>
    public int EvaluationsSinceBest { get; init; }

    /// <summary>Whether the run has ended: all its steps done, or stopped early.</summary>
    public bool Finished { get; init; }
}
