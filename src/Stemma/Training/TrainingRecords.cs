using System.Text.Json;
using System.Text.Json.Serialization;

namespace Stemma.Training;

/// <summary>A run's events as JSON lines, in <c>metrics.jsonl</c> and on standard output.</summary>
public static class TrainingRecords
{
    /// <summary><c>{"step":…, "loss":…, "learning_rate":…, "gradient_norm":…, "milliseconds":…, "tokens_per_second":…, "model_flop_utilisation":…}</c>; the last is a share of the peak at the run's precision. A step that stands out also has <c>"unstable"</c>: <c>"loss"</c>, <c>"gradient"</c> or <c>"loss and gradient"</c>.</summary>
    public static string Line(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return JsonSerializer.Serialize(
            new StepRecord(step.Number, step.Loss, step.LearningRate, step.GradientNorm, Math.Round(step.Milliseconds, 3), Math.Round(step.TokensPerSecond, 1), Math.Round(step.ModelFlopUtilisation, 4),
                step.Instability switch { Instability.None => null, Instability.Loss => "loss", Instability.Gradient => "gradient", _ => "loss and gradient" }),
            RecordJson.Default.StepRecord);
    }

    /// <summary><c>{"step":…, "validation_loss":…, "bits_per_byte":…}</c></summary>
    public static string Line(int step, Evaluation.Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return JsonSerializer.Serialize(new EvaluationRecord(step, evaluation.LossNatsPerToken, evaluation.BitsPerByte), RecordJson.Default.EvaluationRecord);
    }

    /// <summary><c>{"step":…, "validation_loss":…, "metric":…, "value":…}</c></summary>
    public static string Line(int step, Encoders.HeldOutScore score)
    {
        ArgumentNullException.ThrowIfNull(score);
        return JsonSerializer.Serialize(new MetricRecord(step, score.Loss, score.MetricName, score.Metric), RecordJson.Default.MetricRecord);
    }
}

internal sealed record StepRecord(int Step, double Loss, double LearningRate, double GradientNorm, double Milliseconds, double TokensPerSecond, double ModelFlopUtilisation, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unstable);

internal sealed record MetricRecord(int Step, double ValidationLoss, string Metric, double Value);

internal sealed record EvaluationRecord(int Step, double ValidationLoss, double BitsPerByte);
