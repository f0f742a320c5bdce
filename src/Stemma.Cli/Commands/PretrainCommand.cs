using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Models.Bert;
using Stemma.Models.Electra;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Encoders;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma pretrain</c>: an encoder of a text without labels.</summary>
internal static class PretrainCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new PretrainRun();
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, or dotnet-docs. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => "dotnet-docs" };
        var objective = new Option<string>("--objective") { Description = "mlm predicts hidden tokens (BERT), electra tells replaced ones, span says spans that were cut out (T5). [default: mlm]", HelpName = "mlm|electra|span", DefaultValueFactory = _ => "mlm" };
        objective.AcceptOnlyFromAmong("mlm", "electra", "span");
        var wholeWords = new Option<bool>("--whole-words") { Description = "Hide words whole." };
        var vocabSize = Options.Number("--vocab-size", "Tokens of the byte-level BPE.", 4096, 257, 1 << 20);
        var layers = Options.Number("--layers", "Blocks.", usual.Model.LayerCount, 1, 128);
        var hidden = Options.Number("--hidden", "Channels.", usual.Model.HiddenSize, 1, 1 << 16);
        var heads = Options.Number("--heads", "Attention heads.", usual.Model.HeadCount, 1, 1 << 10);
        var length = Options.Number("--max-tokens", "Tokens of a text.", usual.MaxTokens, 8, 1 << 16);
        var steps = Options.Number("--steps", "Updates.", usual.Steps, 1, 100_000_000);
        var batch = Options.Number("--batch-size", "Texts per update.", usual.BatchSize, 1, 1 << 16);
        var rate = Options.Number("--learning-rate", "AdamW's highest rate.", 1e-3, 0, 100);
        var seed = Options.Number("--seed", "Decides the run.", usual.Seed, ulong.MinValue, ulong.MaxValue);
        var target = new Option<string>("--out") { HelpName = "folder", Description = "Where to save. [default: runs/<data>-<number>]" };
        var resume = new Option<string>("--resume") { HelpName = "folder", Description = "Go on with a run." };
        var (threads, json) = (Options.Threads(), Options.Json());
        Option[] deciding = [data, objective, wholeWords, vocabSize, layers, hidden, heads, length, steps, batch, rate, seed, target];
        var command = new Command("pretrain", "Train an encoder (BERT, ELECTRA) on a text without labels; stemma finetune teaches it a task.");
        foreach (var option in (Option[])[.. deciding, resume, threads, json]) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var asJson = parsed.GetValue(json);
                var screen = context.Screen(asJson);
                var preparation = new PreparationProgress(screen);
                if (parsed.GetValue(resume) is { } resumed)
                {
                    if (deciding.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other) throw new MisuseException($"--resume goes on with a run as it was begun; {other.Name} has no meaning beside it.");
                    return Run(context, screen, asJson, PretrainSession.Resume(resumed, parsed.GetValue(threads), preparation, cancellation), cancellation);
                }
                var (size, count) = (parsed.GetValue(hidden), parsed.GetValue(heads));
                var run = new PretrainRun
                {
                    Model = parsed.GetValue(objective) != "electra"
                        ? new BertConfig { LayerCount = parsed.GetValue(layers), HiddenSize = size, HeadCount = count, IntermediateSize = 4 * size, ContextLength = parsed.GetValue(length) }
                        : new ElectraConfig { LayerCount = parsed.GetValue(layers), HiddenSize = size, EmbeddingSize = size, HeadCount = count, IntermediateSize = 4 * size, ContextLength = parsed.GetValue(length) },
                    Objective = parsed.GetValue(objective) switch
                    {
                        "mlm" => new MaskedObjective { WholeWords = parsed.GetValue(wholeWords) },
                        "electra" => new ReplacedObjective { WholeWords = parsed.GetValue(wholeWords) },
                        _ => new SpanObjective
                        {
                            WholeWords = parsed.GetValue(wholeWords),
                            Model = new() { LayerCount = parsed.GetValue(layers), DecoderLayerCount = parsed.GetValue(layers), HeadCount = count, HiddenSize = size, HeadSize = Math.Max(1, size / count), IntermediateSize = 4 * size, FeedForward = "gated-gelu", TiedEmbeddings = false },
                        },
                    },
                    Data = parsed.GetValue(data)!,
                    Tokenizer = new BpeTokenizerConfig { VocabSize = parsed.GetValue(vocabSize) },
                    Schedule = new LinearSchedule { LearningRate = parsed.GetValue(rate), WarmupSteps = Math.Min(usual.Schedule.WarmupSteps, parsed.GetValue(steps) / 10) },
                    Steps = parsed.GetValue(steps),
                    EvaluateEvery = Math.Max(1, Math.Min(usual.EvaluateEvery, parsed.GetValue(steps) / 4)),
                    BatchSize = parsed.GetValue(batch),
                    MaxTokens = parsed.GetValue(length),
                    Seed = parsed.GetValue(seed),
                };
                return Run(context, screen, asJson, PretrainSession.Start(run, parsed.GetValue(target) ?? TrainOptions.FreeFolder(parsed.GetValue(data)!), parsed.GetValue(threads), preparation, cancellation), cancellation);
            }, CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, Screen screen, bool json, PretrainSession session, CancellationToken cancellation)
    {
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", session.Folder);
                writer.WriteString("model", session.ModelName);
                writer.WriteNumber("parameters", session.ParameterCount);
                writer.WriteNumber("train_tokens", session.TrainTokens);
                writer.WriteNumber("validation_tokens", session.ValidationTokens);
                writer.WriteNumber("steps", session.Run.Steps);
            });
        }
        screen.Line($"[bold]Text[/]      {session.TrainTokens:N0} tokens to learn from, {session.ValidationTokens:N0} held out");
        screen.Line($"[bold]Model[/]     {session.ModelName}, {Quantity.Count(session.ParameterCount)} parameters");
        screen.Line();
        EncoderReport.Show(context, screen, json, session.Steps(cancellation), session.StepsDone, session.Run.Steps);
        if (!session.IsFinished)
        {
            screen.Line($"Stopped after step {session.StepsDone:N0}; everything is saved. Go on: stemma pretrain --resume {Markup.Escape(session.Folder!)}");
            return ExitCode.Failed;
        }
        screen.Line();
        screen.Line($"Saved {Markup.Escape(session.Folder!)}, the weights of step {session.BestStep:N0}. Try:");
        if (session.Run.Objective is SpanObjective) screen.Line($"  stemma info {Markup.Escape(session.Folder!)}");
        else screen.Line($"  stemma finetune {Markup.Escape(session.Folder!)} --task classify --data train.tsv --valid dev.tsv");
        return ExitCode.Success;
    }
}
