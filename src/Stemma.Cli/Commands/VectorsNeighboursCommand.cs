using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors neighbours</c>: which words are near.</summary>
internal static class VectorsNeighboursCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var words = new Argument<string[]>("words") { Description = "Words; upper and lower case are one where the file has not both.", Arity = ArgumentArity.OneOrMore };
        var count = Options.Number("--count", "How many neighbours of each.", 10, 1, 1000);
        var json = Options.Json();
        var command = new Command("neighbours", "Show the words whose vectors point most nearly the same way.") { vectors, words, count, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(vectors)!, parsed.GetValue(words)!, parsed.GetValue(count), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, string[] words, int count, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        var vectors = VectorArgument.Read(path, screen, cancellation);
        int[] ids = [.. words.Select(word => VectorArgument.Find(vectors, word))];
        foreach (var id in ids)
        {
            var near = vectors.Neighbours(id, count);
            if (json)
            {
                Json.WriteObject(context.Output, writer =>
                {
                    writer.WriteString("word", vectors.Words[id]);
                    ScoredWords.Write(writer, "neighbours", near);
                });
                continue;
            }
            screen.Line($"[bold]{Markup.Escape(vectors.Words[id])}[/]");
            foreach (var word in near) screen.Line(string.Create(CultureInfo.InvariantCulture, $"  {word.Score:0.000}  {Markup.Escape(word.Word)}"));
        }
        return ExitCode.Success;
    }
}
