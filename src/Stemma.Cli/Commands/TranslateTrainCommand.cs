using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Training;
using Stemma.Training.Pairs;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma translate train</c>: an encoder–decoder of pairs of lines.</summary>
internal static class TranslateTrainCommand
{
    public static Command Create(CommandContext context)
    {
        var options = new TranslateTrainOptions();
        var command = new Command("train", "Train an encoder–decoder on pairs of lines.");
        foreach (var option in options.All) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, options, parsed, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, TranslateTrainOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        var json = parsed.GetValue(options.Json);
        var screen = context.Screen(json);
        var preparation = new PreparationProgress(screen);
        var threads = parsed.GetValue(options.Threads);
        var session = options.Resumed(parsed) is { } resumed
            ? PairSession.Resume(resumed, threads, preparation, cancellation)
            : PairSession.Start(options.Read(parsed), options.Folder(parsed), threads, preparation, cancellation);
        screen.ClearTransient();
        Begin(context, screen, session, json);

        var (watch, first, shown, tokens, loss, count) = (Stopwatch.StartNew(), session.StepsDone, TimeSpan.Zero, 0.0, 0.0, 0);
        foreach (var step in session.Steps(cancellation))
        {
            tokens += step.TokensPerSecond * step.Milliseconds / 1000;
            (loss, count) = (loss + step.Loss, count + 1);
            if (json)
            {
                context.Output.WriteLine(TrainingRecords.Line(step));
                if (step.Evaluation is not null) context.Output.WriteLine(TrainingRecords.Line(step.Number, step.Evaluation));
                context.Output.Flush();
            }
            if (step.Evaluation is null && (watch.Elapsed - shown < TimeSpan.FromSeconds(1) || !screen.IsLive)) continue;
            shown = watch.Elapsed;
            var left = Quantity.Clock(watch.Elapsed / (step.Number - first) * (session.TotalSteps - step.Number));
            var line = string.Create(CultureInfo.InvariantCulture, $"{step.Number,7:N0} {(double)step.Number / session.StepsPerEpoch,7:0.00} {loss / count,7:0.000} ");
            if (step.Evaluation is not { } evaluation) screen.Transient($"[dim]{line,-24}{"",10}{tokens / watch.Elapsed.TotalSeconds,14:N0}{left,9}[/]");
            else
            {
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"{line,-24}{evaluation.LossNatsPerToken,10:0.000}{tokens / watch.Elapsed.TotalSeconds,14:N0}{left,9}{(step.IsBest ? "  [bold]best[/]" : "")}"));
                (loss, count) = (0, 0);
            }
        }
        return End(context, screen, session, json);
    }

    private static void Begin(CommandContext context, Screen screen, PairSession session, bool json)
    {
        var run = session.Run;
        var parameters = session.Model.Parameters.Sum(weight => weight.Shape.Count);
        var flops = session.Model.TrainingFlops((int)(session.SourceTokens / session.TrainPairs), (int)(session.TargetTokens / session.TrainPairs)) * session.TrainPairs * run.Epochs;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", session.Folder);
                writer.WriteNumber("train_pairs", session.TrainPairs);
                writer.WriteNumber("left_out_pairs", session.LeftOut);
                writer.WriteNumber("validation_pairs", session.ValidationPairs);
                writer.WriteNumber("source_tokens", session.SourceTokens);
                writer.WriteNumber("target_tokens", session.TargetTokens);
                writer.WriteNumber("source_vocab_size", session.Tokens.SourceVocabSize);
                writer.WriteNumber("target_vocab_size", session.Tokens.TargetVocabSize);
                writer.WriteNumber("parameters", parameters);
                writer.WriteNumber("training_flops", flops);
                writer.WriteNumber("steps", session.TotalSteps);
            });
        }
        screen.Line($"[bold]Pairs[/]     {session.TrainPairs:N0} to learn from, {session.ValidationPairs:N0} held out{(session.LeftOut > 0 ? $", {session.LeftOut:N0} left out as too long" : "")}");
        screen.Line($"[bold]Tokens[/]    {(double)session.SourceTokens / session.TrainPairs:0.0} and {(double)session.TargetTokens / session.TrainPairs:0.0} a line, of {session.Tokens.SourceVocabSize:N0} and {session.Tokens.TargetVocabSize:N0}");
        screen.Line($"[bold]Model[/]     {Markup.Escape(PairDescription.Of(session.Model.Config))}, {Quantity.Count(parameters)} parameters");
        screen.Line($"[bold]Run[/]       {session.TotalSteps:N0} updates in {Quantity.Of(run.Epochs, "epoch")}, {Quantity.Count(flops)}FLOP; Ctrl-C saves{(session.StepsDone > 0 ? $", goes on after {session.StepsDone:N0}" : "")}");
        screen.Line();
        screen.Line("[dim]   step   epoch    loss       held out      tokens/s     left[/]");
    }

    private static int End(CommandContext context, Screen screen, PairSession session, bool json)
    {
        screen.ClearTransient();
        if (!session.IsFinished)
        {
            screen.Line($"Stopped after step {session.StepsDone:N0}; everything is saved. Go on: stemma translate train --resume {Markup.Escape(session.Folder!)}");
            return ExitCode.Failed;
        }
        var best = session.Best!;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.Number("best_validation_loss", best.LossNatsPerToken);
                writer.Number("perplexity", best.Perplexity);
                writer.WriteNumber("best_step", session.BestStep);
            });
        }
        screen.Line();
        screen.Line($"Best held-out loss: [bold]{best.LossNatsPerToken:0.000} nats/token[/], perplexity {best.Perplexity:0.00}, after step {session.BestStep:N0}");
        screen.Line($"Saved {Markup.Escape(session.Folder!)}. Try:");
        screen.Line($"  stemma translate eval {Markup.Escape(session.Folder!)} --source … --target …");
        screen.Line($"  stemma translate run {Markup.Escape(session.Folder!)} --text \"…\" --alignment alignment.svg");
        return ExitCode.Success;
    }
}
