using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models;
using Stemma.Models.NGram;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ngram export</c>: a model as an ARPA file.</summary>
internal static class NGramExportCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("An n-gram model's folder.");
        var file = new Argument<string>("file") { Description = "The ARPA file to write, which SRILM, KenLM, Kaldi and others read." };
        var json = Options.Json();
        var command = new Command("export", "Write a model as an ARPA file.") { folder, file, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(folder)!, parsed.GetValue(file)!, parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string folder, string file, bool json, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new MisuseException($"There is no folder {folder}.");
        if (ModelFolder.TypeOf(folder) != NGramCheckpoint.ModelType) throw new MisuseException($"{folder} holds no n-gram model; an ARPA file holds nothing else.");
        var screen = context.Screen(json);
        screen.Transient("[dim]Reading the model…[/]");
        using var table = NGramFile.Read(Path.Combine(folder, NGramCheckpoint.TableFile), new NGramTrainer().MemoryBytes, Environment.ProcessorCount, cancellation);
        ArpaFile.Write(file, table, new Share(screen), cancellation);
        screen.ClearTransient();
        var (ngrams, bytes) = (table.Counts.Sum(), new FileInfo(file).Length);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", file);
                writer.WriteNumber("ngrams", ngrams);
                writer.WriteNumber("bytes", bytes);
            });
            return ExitCode.Success;
        }
        screen.Line($"{Quantity.Of(ngrams, "n-gram")}, {Quantity.Bytes(bytes)} in {Markup.Escape(file)}");
        return ExitCode.Success;
    }

    private sealed class Share(Screen screen) : IProgress<NGramProgress>
    {
        public void Report(NGramProgress value) => screen.Transient($"[dim]Writing {Quantity.Percent(value.Fraction)}[/]");
    }
}
