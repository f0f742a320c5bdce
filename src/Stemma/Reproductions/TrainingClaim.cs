using System.Globalization;
using System.Text;
using System.Text.Json;
using Stemma.Evaluation;
using Stemma.Reporting;
using Stemma.Text.Corpora;
using Stemma.Training;

namespace Stemma.Reproductions;

/// <summary>A claim that is a training run: it is saved and resumed like any other, and its best weights by validation are measured on a test text.</summary>
public static class TrainingClaim
{
    /// <summary>What is measured on the test text.</summary>
    public const string Perplexity = "test perplexity";

    /// <summary>What is measured where a text has no test part.</summary>
    public const string Loss = "loss on all the text held out (nats per token)";

    /// <summary>Trains, or goes on where the same run was stopped, and measures.</summary>
    /// <param name="context">Where data and runs lie.</param>
    /// <param name="name">The run's folder.</param>
    /// <param name="run">What to do; its data are given by the next two.</param>
    /// <param name="train">The file that it learns from.</param>
    /// <param name="validation">The file that chooses the best weights.</param>
    /// <param name="test">The file that is predicted.</param>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public static Reproduction Measure(ReproductionContext context, string name, TrainingRun run, string train, string validation, string test)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        using var session = Train(context, name, run with { Data = new() { Source = context.Data(train), Validation = context.Data(validation) } });
        var found = Evaluator.Evaluate(session.Model, session.Tokenizer, Corpus.Open(context.Data(test)), cancellation: context.Cancellation);
        var curve = Curve(session.Folder!);
        return new()
        {
            Measurements = [new(Perplexity, found.Perplexity), new("validation perplexity", session.Final!.Perplexity), new("tokens of the test text", found.Tokens)],
            Figures = new Dictionary<string, Figure>
            {
                [name] = new Chart
                {
                    Title = $"{name}: validation",
                    X = new LinearAxis("updates"),
                    Y = new LogAxis("perplexity"),
                    Series = [new LineSeries("validation", [.. curve.Select(point => new ChartPoint(point.Step, Math.Exp(point.ValidationLoss)))])],
                },
            },
            Notes = Notes(session, run with { Data = new() { Source = train, Validation = validation } }, curve, "validation perplexity", Math.Exp, "0.00"),
        };
    }

    /// <summary>Trains on the first part of a text, or goes on where the same run was stopped, and measures the loss of the best weights on the rest.</summary>
    /// <param name="context">Where the text and runs lie.</param>
    /// <param name="name">The run's folder.</param>
    /// <param name="run">What to do; its text is given by the next one.</param>
    /// <param name="text">The file, whose last tenth validates.</param>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public static Reproduction MeasureHeldOut(ReproductionContext context, string name, TrainingRun run, string text)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(run);
        using var session = Train(context, name, run with { Data = new() { Source = context.Data(text) } });
        var curve = Curve(session.Folder!);
        return new()
        {
            Measurements = [new(Loss, session.Final!.LossNatsPerToken), new("tokens held out", session.Final.Tokens), new("update of the best weights", session.BestStep), new("updates until it stopped", session.StepsDone)],
            Figures = new Dictionary<string, Figure>
            {
                [name] = new Chart
                {
                    Title = $"{name}: the course of training",
                    X = new LinearAxis("updates"),
                    Y = new LinearAxis("nats per token"),
                    Series =
                    [
                        new LineSeries("training, means between evaluations", Means(session.Folder!, run.EvaluationInterval)),
                        new LineSeries("held out", [.. curve.Select(point => new ChartPoint(point.Step, point.ValidationLoss))]),
                    ],
                },
            },
            Notes = Notes(session, run with { Data = new() { Source = text } }, curve, "nats per token held out", loss => loss, "0.0000"),
        };
    }

    private static TrainingSession Train(ReproductionContext context, string name, TrainingRun run)
    {
        var folder = Path.Combine(context.RunsFolder, name);
        var options = new SessionOptions { Threads = context.Device.ThreadCount };
        var session = RunFolder.Holds(folder) ? TrainingSession.Resume(folder, options, context.Cancellation) : TrainingSession.Start(run, folder, options, context.Cancellation);
        try
        {
            // Where the text lies and what is shown on the way decide nothing.
            if (session.Run with { Data = run.Data, SampleTokens = run.SampleTokens } != run) throw new ConfigurationException($"{folder} holds another run than this claim states. Remove it, or choose another place with --runs.");
            foreach (var step in session.Steps(context.Cancellation).ToBlockingEnumerable(context.Cancellation))
            {
                if (step.Evaluation is { } evaluation)
                    context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"step {step.Number:N0} of {run.Steps:N0}: validation perplexity {evaluation.Perplexity:0.00}, loss {evaluation.LossNatsPerToken:0.0000}"));
            }
            context.Cancellation.ThrowIfCancellationRequested();
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static ChartPoint[] Means(string folder, int interval) =>
    [
        .. File.ReadLines(RunFolder.At(folder).Metrics).Where(line => line.Contains("\"gradient_norm\"", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize(line, RecordJson.Default.StepRecord)!)
            .Chunk(interval).Select(part => new ChartPoint(part[^1].Step, part.Average(step => step.Loss))),
    ];

    private static string Notes(TrainingSession session, TrainingRun run, EvaluationRecord[] curve, string measure, Func<double, double> value, string format)
    {
        var text = new StringBuilder($"""
            The weights are those of update {session.BestStep}, the best by validation. The whole run:

            ```json
            {JsonSerializer.Serialize(run, StemmaJson.Default.TrainingRun)}
            ```

            | update | {measure} |
            |---|---|

            """);
        foreach (var point in curve) text.Append(CultureInfo.InvariantCulture, $"| {point.Step} | {value(point.ValidationLoss).ToString(format, CultureInfo.InvariantCulture)} |\n");
        return text.ToString();
    }

    /// <summary>The evaluations of a run's folder, in their order.</summary>
    internal static EvaluationRecord[] Curve(string folder) =>
    [
        .. File.ReadLines(RunFolder.At(folder).Metrics).Where(line => line.Contains("\"validation_loss\"", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize(line, RecordJson.Default.EvaluationRecord)!),
    ];
}
