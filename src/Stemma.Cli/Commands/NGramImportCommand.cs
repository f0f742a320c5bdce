using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.NGram;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ngram import</c>: an ARPA file as a model's folder.</summary>
internal static class NGramImportCommand
{
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("file") { Description = "An ARPA file of words." };
        var target = new Option<string>("--out") { Description = "Where to save the model. [default: runs/<file>-<number>]", HelpName = "folder" };
        var json = Options.Json();
        var command = new Command("import", "Read an ARPA file into a folder that the other verbs take.") { file, target, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(file)!, parsed.GetValue(target), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string file, string? target, bool json, CancellationToken cancellation)
    {
        var folder = target ?? Training.TrainOptions.FreeFolder(file);
        if (File.Exists(folder) || File.Exists(Path.Combine(folder, "config.json"))) throw new MisuseException($"{folder} is taken; choose another folder with --out.");
        var screen = context.Screen(json);
        screen.Transient("[dim]Reading the file…[/]");
        using var table = ArpaFile.Read(file, new NGramTrainer().MemoryBytes, Environment.ProcessorCount, null, cancellation);
        var vocabulary = table.Vocabulary;
        var tokenizer = WordTokenizer.Create(Enumerable.Range(WordTokenizer.EndId + 1, vocabulary.Count - WordTokenizer.EndId - 1).Select(id => vocabulary[id]));
        NGramCheckpoint.Save(folder, null, table, tokenizer.Hash, null, cancellation);
        TokenizerFolder.Save(tokenizer, folder);
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", folder);
                writer.WriteNumber("order", table.Order);
                writer.WriteNumber("vocab_size", vocabulary.Count);
                writer.WriteNumber("ngrams", table.Counts.Sum());
            });
            return ExitCode.Success;
        }
        screen.Line($"{table.Order}-gram model: {Quantity.Of(table.Counts.Sum(), "n-gram")} of {Quantity.Of(vocabulary.Count, "word")}");
        screen.Line($"Saved {Markup.Escape(folder)}. Try:");
        screen.Line($"  stemma eval {Markup.Escape(folder)} --data text.txt");
        return ExitCode.Success;
    }
}
