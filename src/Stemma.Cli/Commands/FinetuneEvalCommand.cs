using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Training.Encoders;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma finetune eval</c>: how well an encoder does a task.</summary>
internal static class FinetuneEvalCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A folder that stemma finetune made, or a Hugging Face folder with a head and tokenizer.json.");
        var data = new Option<string>("--data") { Description = "Labelled data in the task's format.", HelpName = "file", Required = true };
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("eval", "Measure a fine-tuned encoder on labelled data.") { folder, data, threads, json };
        command.SetAction((parsed, _) => Task.Run(
            () =>
            {
                var screen = context.Screen(parsed.GetValue(json));
                if (!Directory.Exists(parsed.GetValue(folder))) throw new MisuseException($"There is no folder {parsed.GetValue(folder)}.");
                var result = TuningTasks.Open(parsed.GetValue(folder)!, Device.CreateCpu(parsed.GetValue(threads))).Measure(parsed.GetValue(data)!);
                if (parsed.GetValue(json)) Json.WriteObject(context.Output, writer =>
                {
                    foreach (var (name, value) in result.Metrics) writer.Number(name, value);
                    writer.Number("loss", result.Loss);
                    writer.WriteNumber("examples", result.Examples);
                });
                var figures = string.Join(", ", result.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Name} {metric.Value:0.0000}")));
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"[bold]{Markup.Escape(figures)}[/]  loss {result.Loss:0.0000}, {Quantity.Of(result.Examples, "example")}"));
                return ExitCode.Success;
            }, CancellationToken.None));
        return command;
    }
}
