using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Curation;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma data build</c>: what a recipe says.</summary>
internal static class DataBuildCommand
{
    private const long LargestRecipe = 16 << 20;

    public static Command Create(CommandContext context)
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe: inputs, steps, tokenizer, shards, as JSON." };
        var target = new Option<string>("--out") { Description = "The folder to build, or to go on with.", HelpName = "folder", Required = true };
        var memory = new Option<string>("--memory") { Description = "What sorting over all documents may take. [default: 256MB]", HelpName = "256MB", DefaultValueFactory = _ => "256MB" };
        var keep = new Option<bool>("--keep-work") { Description = "Keep the files between the passes." };
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("build", "Build shards by a recipe. Killed at any moment, the same command goes on, and the bytes come out the same.") { recipe, target, memory, keep, threads, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var options = new CurationOptions
            {
                Threads = parsed.GetValue(threads) is > 0 and var count ? count : Environment.ProcessorCount,
                MemoryBytes = ByteSize.Parse("--memory", parsed.GetValue(memory)!),
                KeepWork = parsed.GetValue(keep),
            };
            return Run(context, parsed.GetValue(recipe)!, parsed.GetValue(target)!, options, parsed.GetValue(json), cancellation);
        }, CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, string target, CurationOptions options, bool json, CancellationToken cancellation)
    {
        if (!File.Exists(path)) throw new MisuseException($"There is no recipe {path}. `stemma data build --help` tells what one is.");
        if (new FileInfo(path).Length > LargestRecipe) throw new MisuseException($"{path} is too long for a recipe.");
        var recipe = CurationRecipe.Parse(File.ReadAllText(path), path);
        var screen = context.Screen(json);
        var watch = Stopwatch.StartNew();
        CuratedFolder folder;
        try
        {
            folder = CurationBuild.Run(recipe, target, options with { Progress = new Shown(screen) }, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException($"Stopped; the same command goes on with {target}.");
        }

        screen.ClearTransient();
        if (json) DataInspectCommand.WriteJson(context, folder, watch.Elapsed);
        DataInspectCommand.Show(screen, folder);
        screen.Line($"Built {Markup.Escape(target)} in {Quantity.Clock(watch.Elapsed)}. Try:");
        screen.Line($"  stemma data inspect {Markup.Escape(target)} --samples");
        screen.Line($"  stemma train --data {Markup.Escape(target)}");
        return ExitCode.Success;
    }

    private sealed class Shown(Screen screen) : IProgress<CurationProgress>
    {
        public void Report(CurationProgress value)
        {
            lock (screen)
                screen.Transient(!double.IsNaN(value.Fraction) ? $"[dim]{value.Stage} {Quantity.Percent(value.Fraction)}[/]" : value.Parts > 0 ? $"[dim]{value.Stage}: {Quantity.Of(value.Parts, "part")}[/]" : $"[dim]{value.Stage}…[/]");
        }
    }
}
