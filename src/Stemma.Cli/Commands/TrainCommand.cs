using System.CommandLine;
using Stemma.Cli.Training;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma train</c>: a model of one's own text.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public static Command Create(CommandContext context)
    {
        var options = new TrainOptions();
        var command = new Command(Name, "Train a model on a text. Without options: a small one on the .NET reference documentation.");
        foreach (var option in options.All) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => RunAsync(context, options, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, TrainOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        var json = parsed.GetValue(options.Json);
        var request = options.Read(parsed);
        var screen = context.Screen(json);
        var preparation = new PreparationProgress(screen);
        var session = new SessionOptions { Threads = parsed.GetValue(options.Threads), Progress = preparation, Budget = request.Budget };
        if (request.Range is { } range) return await RangeTest.RunAsync(context, request, range, session, json, cancellation).ConfigureAwait(false);
        using var training = await Prepare(request, session, cancellation).ConfigureAwait(false);
        screen.ClearTransient();
        var plan = request.DryRun ? TrainingPlan.Of(training.Run with { Model = training.Model.Config }) : null;
        var forPeople = new ScreenTrainingReport(screen, training, request, preparation.TokenizerTime, plan);
        TrainingReport[] reports = json ? [new JsonTrainingReport(context.Output, training, request.Folder, plan), forPeople] : [forPeople];
        foreach (var report in reports) report.Begin();
        if (request.DryRun) return ExitCode.Success;

        var wasFinished = training.IsFinished;
        try
        {
            await foreach (var step in training.Steps(cancellation).ConfigureAwait(false))
                foreach (var report in reports) report.Step(step);
        }
        catch (OperationCanceledException)
        {
            // Stopped during the evaluation after the last step, whose weights are saved.
        }

        if (training.Final is null)
        {
            foreach (var report in reports) report.Interrupted();
            return ExitCode.Failed;
        }

        screen.Transient("[dim]Compressing the held-out text for comparison…[/]");
        var heldOut = HeldOutText.Read(training.Folder!, training.Tokenizer);
        var baseline = await CompressionBaseline.OfAsync(heldOut, cancellation).ConfigureAwait(false);
        var summary = new TrainingSummary(wasFinished, training.StepsDone < training.Run.Steps, baseline, HeldOutText.Prompt(heldOut, training.Run.Data.Source));
        foreach (var report in reports) report.End(summary);
        return ExitCode.Success;
    }

    private static async Task<TrainingSession> Prepare(TrainRequest request, SessionOptions options, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => request.Resumes
                ? TrainingSession.Resume(request.Folder, options, cancellation)
                : TrainingSession.Start(request.Run!, request.DryRun ? null : request.Folder, options, cancellation), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!request.Resumes)
        {
            throw new OperationCanceledException("Stopped before the first step; nothing was written.");
        }
    }
}
