using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors analogy</c>: man is to king as woman is to what?</summary>
internal static class VectorsAnalogyCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var a = new Argument<string>("a") { Description = "A word, such as man." };
        var b = new Argument<string>("b") { Description = "What goes with it: king." };
        var c = new Argument<string>("c") { Description = "Another word of the first kind: woman. What goes with it is looked for." };
        var method = MethodOption();
        var count = Options.Number("--count", "How many answers.", 5, 1, 1000);
        var json = Options.Json();
        var command = new Command("analogy", "Answer \"a is to b as c is to …\".") { vectors, a, b, c, method, count, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(context, parsed.GetValue(vectors)!, [parsed.GetValue(a)!, parsed.GetValue(b)!, parsed.GetValue(c)!], Method(parsed.GetValue(method)!), parsed.GetValue(count), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    /// <summary><c>--method</c>.</summary>
    internal static Option<string> MethodOption()
    {
        var option = new Option<string>("--method") { Description = "3CosAdd (nearest to b − a + c) or 3CosMul (the product of the nearnesses). [default: 3CosAdd]", HelpName = "3CosAdd|3CosMul", DefaultValueFactory = _ => "3CosAdd" };
        option.AcceptOnlyFromAmong([.. AnalogyMethod.All.Select(known => known.Name)]);
        return option;
    }

    /// <summary>The method of a name.</summary>
    internal static AnalogyMethod Method(string name) => AnalogyMethod.All.First(known => known.Name == name);

    private static int Run(CommandContext context, string path, string[] words, AnalogyMethod method, int count, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        var vectors = VectorArgument.Read(path, screen, cancellation);
        int[] ids = [.. words.Select(word => VectorArgument.Find(vectors, word))];
        var answers = vectors.Analogy(ids[0], ids[1], ids[2], count, method);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("method", method.Name);
                ScoredWords.Write(writer, "answers", answers);
            });
            return ExitCode.Success;
        }
        screen.Line($"{Markup.Escape(vectors.Words[ids[0]])} : {Markup.Escape(vectors.Words[ids[1]])} = {Markup.Escape(vectors.Words[ids[2]])} : [bold]{Markup.Escape(answers.Count > 0 ? answers[0].Word : "?")}[/]");
        foreach (var answer in answers) screen.Line(string.Create(CultureInfo.InvariantCulture, $"  {answer.Score:0.000}  {Markup.Escape(answer.Word)}"));
        return ExitCode.Success;
    }
}
