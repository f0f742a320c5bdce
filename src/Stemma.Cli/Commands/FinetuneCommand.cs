using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Schedules;
using Stemma.Training.Encoders;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma finetune</c>: an encoder learns a task, or is measured on it.</summary>
internal static class FinetuneCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new TuningRun();
        var folder = new Argument<string?>("folder") { Description = "The encoder: a run of stemma pretrain, or a Hugging Face folder with tokenizer.json.", Arity = ArgumentArity.ZeroOrOne };
        var task = new Option<string>("--task") { Description = "classify texts (text, tab, label), tag words (CoNLL or .conllu), or qa: answers in texts (SQuAD's JSON).", HelpName = "classify|tag|qa" };
        task.AcceptOnlyFromAmong("classify", "tag", "qa");
        var data = new Option<string>("--data") { Description = "Labelled data to learn from (.gz is unpacked).", HelpName = "file" };
        var valid = new Option<string>("--valid") { Description = "Labelled data that is held out, and chooses the weights to keep.", HelpName = "file" };
        var scratch = new Option<bool>("--from-scratch") { Description = "Take the encoder's sizes and tokenizer alone, for comparison." };
        var epochs = Options.Number("--epochs", "Passes over the data.", usual.Epochs, 1, 1_000_000);
        var batch = Options.Number("--batch-size", "Examples per update.", usual.BatchSize, 1, 1 << 16);
        var rate = Options.Number("--learning-rate", "AdamW's highest rate.", usual.Schedule.LearningRate, 0, 100);
        var length = Options.Number("--max-tokens", "Tokens of an example; longer ones are cut.", usual.MaxTokens, 8, 1 << 16);
        var seed = Options.Number("--seed", "Decides the run.", usual.Seed, ulong.MinValue, ulong.MaxValue);
        var target = new Option<string>("--out") { HelpName = "folder", Description = "Where to save. [default: runs/<task>-<number>]" };
        var resume = new Option<string>("--resume") { HelpName = "folder", Description = "Go on with a run." };
        var (threads, json) = (Options.Threads(), Options.Json());
        Option[] deciding = [task, data, valid, scratch, epochs, batch, rate, length, seed, target];
        var command = new Command("finetune", "Teach an encoder a task from labelled data; stemma finetune eval measures it.") { folder };
        foreach (var option in (Option[])[.. deciding, resume, threads, json]) command.Options.Add(option);
        command.Subcommands.Add(FinetuneEvalCommand.Create(context));
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var screen = context.Screen(parsed.GetValue(json));
                if (parsed.GetValue(resume) is { } resumed)
                {
                    if (deciding.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other) throw new MisuseException($"--resume goes on with a run as it was begun; {other.Name} has no meaning beside it.");
                    if (parsed.GetValue(folder) is not null) throw new MisuseException("--resume goes on with a run as it was begun; a folder of an encoder has no meaning beside it.");
                    return Run(context, screen, parsed.GetValue(json), TuningSession.Resume(resumed, parsed.GetValue(threads)), cancellation);
                }
                var kind = Named(parsed, task);
                var run = new TuningRun
                {
                    Encoder = parsed.GetValue(folder) ?? throw new MisuseException("Which encoder? stemma finetune <folder> --task … (`stemma pretrain` makes one.)"),
                    Task = kind switch { "classify" => TuningTaskKind.Classify, "tag" => TuningTaskKind.Tag, _ => TuningTaskKind.Qa },
                    Train = Named(parsed, data),
                    Valid = Named(parsed, valid),
                    FromScratch = parsed.GetValue(scratch),
                    Epochs = parsed.GetValue(epochs),
                    BatchSize = parsed.GetValue(batch),
                    MaxTokens = parsed.GetValue(length),
                    Schedule = new LinearSchedule { LearningRate = parsed.GetValue(rate), WarmupSteps = usual.Schedule.WarmupSteps },
                    Seed = parsed.GetValue(seed),
                };
                var place = parsed.GetValue(target) ?? Stemma.Training.RunFolder.NextFree("runs", kind);
                return Run(context, screen, parsed.GetValue(json), TuningSession.Start(run, place, parsed.GetValue(threads)), cancellation);
            }, CancellationToken.None));
        return command;

        static string Named(ParseResult parsed, Option<string> option) => parsed.GetValue(option) ?? throw new MisuseException($"{option.Name} is missing: fine-tuning takes --task, --data and --valid.");
    }

    private static int Run(CommandContext context, Screen screen, bool json, TuningSession session, CancellationToken cancellation)
    {
        screen.ClearTransient();
        var parameters = session.Task.Model.Parameters.Sum(weight => weight.Shape.Count);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", session.Folder);
                writer.WriteNumber("parameters", parameters);
                writer.WriteNumber("train_examples", session.TrainExamples);
                writer.WriteNumber("validation_examples", session.ValidExamples);
                writer.WriteNumber("steps", session.TotalSteps);
            });
        }
        screen.Line($"[bold]Examples[/]  {session.TrainExamples:N0} to learn from, {session.ValidExamples:N0} held out");
        screen.Line($"[bold]Model[/]     {session.Task.Model.ClassName} of {Markup.Escape(session.Run.Encoder)}{(session.Run.FromScratch ? ", from scratch" : "")}, {Quantity.Count(parameters)} parameters");
        screen.Line();
        EncoderReport.Show(context, screen, json, session.Steps(cancellation), session.StepsDone, session.TotalSteps);
        if (!session.IsFinished)
        {
            screen.Line($"Stopped after step {session.StepsDone:N0}; everything is saved. Go on: stemma finetune --resume {Markup.Escape(session.Folder!)}");
            return ExitCode.Failed;
        }
        if (json) Json.WriteObject(context.Output, writer =>
        {
            writer.Number($"best_{session.Task.MetricName}", session.BestMetric!.Value);
            writer.WriteNumber("best_step", session.BestStep);
        });
        screen.Line();
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"Best on what was held out: [bold]{Markup.Escape(session.Task.MetricName)} {session.BestMetric:0.0000}[/], after step {session.BestStep:N0}"));
        screen.Line($"Saved {Markup.Escape(session.Folder!)}. Try:");
        screen.Line($"  stemma finetune eval {Markup.Escape(session.Folder!)} --data test");
        return ExitCode.Success;
    }
}
