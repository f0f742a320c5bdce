using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>JSON lines: what is trained, then a record per step and per evaluation as in <c>metrics.jsonl</c>, then the result.</summary>
internal sealed class JsonTrainingReport(TextWriter output, TrainingSession session, string folder, TrainingPlan? plan) : TrainingReport
{
    public override void Begin() => Json.WriteObject(output, writer =>
    {
        writer.WriteString("folder", session.Folder is null ? null : folder);
        writer.WriteString("data", session.Data.Name);
        writer.WriteNumber("documents", session.Data.Documents);
        writer.WriteNumber("bytes", session.Data.Bytes);
        writer.WriteNumber("train_tokens", session.Data.TrainTokens);
        writer.WriteNumber("validation_tokens", session.Data.ValidationTokens);
        writer.WriteNumber("validation_bytes", session.Data.ValidationBytes);
        writer.WriteNumber("vocab_size", session.Model.VocabSize);
        writer.WriteNumber("context_length", session.Run.Model.ContextLength);
        writer.WriteNumber("parameters", session.Model.Parameters.Sum(weight => weight.Shape.Count));
        writer.WriteNumber("training_flops_per_token", session.Model.TrainingFlopsPerToken(session.Run.Model.ContextLength));
        writer.WriteNumber("first_step", session.StepsDone + 1);
        writer.WriteNumber("last_step", session.Run.Steps);
        if (plan is null) return;
        writer.WriteStartObject("plan");
        writer.WriteNumber("parameters", plan.ParameterCount);
        writer.WriteNumber("weight_bytes", plan.WeightBytes);
        writer.WriteNumber("optimizer_bytes", plan.OptimizerBytes);
        writer.WriteNumber("gradient_bytes", plan.GradientBytes);
        writer.WriteNumber("activation_bytes", plan.ActivationBytes);
        writer.WriteNumber("peak_bytes", plan.PeakBytes);
        writer.WriteNumber("tokens_per_step", plan.TokensPerStep);
        writer.WriteNumber("flops_per_step", plan.FlopsPerStep);
        writer.WriteNumber("flops_per_run", plan.FlopsPerRun);
        writer.WriteNumber("seconds_at_peak", Math.Round(plan.TimeAt(MachinePeak.Flops(session.Model.Device.ThreadCount, session.Run.Precision)).TotalSeconds, 3));
        writer.WriteEndObject();
    });

    public override void Step(TrainingStep step)
    {
        output.WriteLine(TrainingRecords.Line(step));
        if (step.Evaluation is { } evaluation) output.WriteLine(TrainingRecords.Line(step.Number, evaluation));
        output.Flush();
    }

    public override void Interrupted() => Json.WriteObject(output, writer =>
    {
        writer.WriteBoolean("finished", false);
        writer.WriteNumber("steps", session.StepsDone);
        writer.WriteString("folder", folder);
    });

    public override void End(TrainingSummary summary) => Json.WriteObject(output, writer =>
    {
        writer.WriteBoolean("finished", true);
        writer.WriteNumber("steps", session.StepsDone);
        writer.WriteNumber("best_step", session.BestStep);
        writer.Number("validation_loss", session.Final!.LossNatsPerToken);
        writer.Number("perplexity", session.Final.Perplexity);
        writer.Number("bits_per_byte", session.Final.BitsPerByte);
        writer.WriteNumber("validation_tokens", session.Final.Tokens);
        writer.WriteNumber("validation_bytes", session.Final.Bytes);
        writer.Number("gzip_bits_per_byte", Math.Round(summary.Baseline.Gzip, 4));
        if (summary.Baseline.Xz is { } xz) writer.Number("xz_bits_per_byte", Math.Round(xz, 4));
        else writer.WriteNull("xz_bits_per_byte");
        writer.WriteString("folder", folder);
    });
}
