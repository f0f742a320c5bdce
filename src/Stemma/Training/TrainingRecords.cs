using System.Text.Json;

namespace Stemma.Training;

/// <summary>A run's events as JSON lines, in <c>metrics.jsonl</c> and on standard output.</summary>
public static class TrainingRecords
{
    /// <summary><c>{"step":…, "loss":…, "learning_rate":…, "gradient_norm":…, "milliseconds":…, "tokens_per_second":…, "model_flop_utilisation":…}</c>; the last is a share of the peak at the run's precision.</summary>
    public static string Line(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return JsonSerializer.Serialize(
            new StepRecord(step.Number, step.Loss, step.LearningRate, step.GradientNorm, Math.Round(step.Milliseconds, 3), Math.Round(step.TokensPerSecond, 1), Math.Round(step.ModelFlopUtilisation, 4)),
            RecordJson.Default.StepRecord);
    }

    /// <summary><c>{"step":…, "validation_loss":…, "bits_per_byte":…}</c></summary>
    public static string Line(int step, Evaluation.Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return JsonSerializer.Serialize(new EvaluationRecord(step, evaluation.LossNatsPerToken, evaluation.BitsPerByte), RecordJson.Default.EvaluationRecord);
    }
}

internal sealed record StepRecord(int Step, double Loss, double LearningRate, double GradientNorm, double Milliseconds, double TokensPerSecond, double ModelFlopUtilisation);

internal sealed record EvaluationRecord(int Step, double ValidationLoss, double BitsPerByte);
