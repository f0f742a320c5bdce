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
        run = run with { Data = new() { Source = context.Data(train), Validation = context.Data(validation) } };
        var folder = Path.Combine(context.RunsFolder, name);
        var options = new SessionOptions { Threads = context.Device.ThreadCount };
        using var session = RunFolder.Holds(folder) ? TrainingSession.Resume(folder, options, context.Cancellation) : TrainingSession.Start(run, folder, options, context.Cancellation);
        // Where the text lies and what is shown on the way decide nothing.
        if (session.Run with { Data = run.Data, SampleTokens = run.SampleTokens } != run) throw new ConfigurationException($"{folder} holds another run than this claim states. Remove it, or choose another place with --runs.");
        foreach (var step in session.Steps(context.Cancellation).ToBlockingEnumerable(context.Cancellation))
        {
            if (step.Evaluation is { } evaluation)
                context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"step {step.Number:N0} of {run.Steps:N0}: validation perplexity {evaluation.Perplexity:0.00}"));
        }
        context.Cancellation.ThrowIfCancellationRequested();
        var found = Evaluator.Evaluate(session.Model, session.Tokenizer, Corpus.Open(context.Data(test)), cancellation: context.Cancellation);
        var curve = Curve(folder);
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
            Notes = Notes(session, run with { Data = new() { Source = train, Validation = validation } }, curve),
        };
    }

    private static string Notes(TrainingSession session, TrainingRun run, EvaluationRecord[] curve)
    {
        var text = new StringBuilder($"""
            The weights are those of update {session.BestStep}, the best by validation. The whole run:

            ```json
            {JsonSerializer.Serialize(run, StemmaJson.Default.TrainingRun)}
            ```

            | update | validation perplexity |
            |---|---|

            """);
        foreach (var point in curve) text.Append(CultureInfo.InvariantCulture, $"| {point.Step} | {Math.Exp(point.ValidationLoss):0.00} |\n");
        return text.ToString();
    }

    /// <summary>The evaluations of a run's folder, in their order.</summary>
    internal static EvaluationRecord[] Curve(string folder) =>
    [
        .. File.ReadLines(RunFolder.At(folder).Metrics).Where(line => line.Contains("\"validation_loss\"", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize(line, RecordJson.Default.EvaluationRecord)!),
    ];
}
