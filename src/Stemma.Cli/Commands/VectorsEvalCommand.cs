using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation.Statistics;
using Stemma.Evaluation.Suites;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors eval</c>: analogies and similarities that people found.</summary>
internal static class VectorsEvalCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var analogies = new Option<string>("--analogies") { Description = "Questions like word2vec's questions-words.txt: \": relation\", then four words a line.", HelpName = "file" };
        var similarity = new Option<string[]>("--similarity") { Description = "Pairs of words with people's scores, three fields a line; a file, or a folder of .txt files. Repeatable.", HelpName = "path", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        var against = new Option<string>("--against") { Description = "Other vectors: how sure is the difference of the analogies?", HelpName = "vectors" };
        var words = Options.Number("--words", "Only the first so many words, which are the most frequent; 0 for all.", 0, 0, int.MaxValue);
        var json = Options.Json();
        var command = new Command("eval", "Measure vectors of words: analogies answered by 3CosAdd and 3CosMul, and rank correlations with people's judgements. Only what the vectors have words for counts, and how much that is is said.") { vectors, analogies, similarity, against, words, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(context, parsed.GetValue(vectors)!, parsed.GetValue(analogies), parsed.GetValue(similarity) ?? [], parsed.GetValue(against), parsed.GetValue(words), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, string? analogies, string[] similarity, string? against, int words, bool json, CancellationToken cancellation)
    {
        if (analogies is null && similarity.Length == 0) throw new MisuseException("There is nothing to measure with; give --analogies, --similarity or both.");
        if (against is not null && analogies is null) throw new MisuseException("--against compares analogies; give --analogies.");
        var suite = analogies is null ? null : AnalogySuite.Read(analogies);
        SimilaritySuite[] pairs = [.. similarity.SelectMany(Files).Select(SimilaritySuite.Read)];
        var screen = context.Screen(json);
        var vectors = Read(path, words, screen, cancellation);
        var other = against is null ? null : Read(against, words, screen, cancellation);
        if (suite is not null) Analogies(context, screen, suite, vectors, other, against, json, cancellation);
        if (pairs.Length > 0) Similarities(context, screen, [.. pairs.Select(pair => pair.Evaluate(vectors))], json);
        return ExitCode.Success;
    }

    private static WordVectors Read(string path, int words, Screen screen, CancellationToken cancellation) =>
        VectorArgument.Read(path, screen, cancellation) is var vectors && words > 0 ? vectors.Take(words) : vectors;

    private static IEnumerable<string> Files(string path)
    {
        if (!Directory.Exists(path)) return [path];
        var files = Directory.GetFiles(path, "*.txt").Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new MisuseException($"{path} holds no .txt files.");
    }

    private static void Analogies(CommandContext context, Screen screen, AnalogySuite suite, WordVectors vectors, WordVectors? other, string? against, bool json, CancellationToken cancellation)
    {
        var found = AnalogyMethod.All.Select(method => (Method: method, Results: suite.Evaluate(vectors, method, new Share(screen, method.Name), cancellation))).ToArray();
        var compared = other is null ? null : AnalogyMethod.All.Select(method => suite.Evaluate(other, method, new Share(screen, method.Name), cancellation)).ToArray();
        screen.ClearTransient();
        if (json)
        {
            foreach (var (method, results) in found)
            {
                foreach (var result in results)
                {
                    Json.WriteObject(context.Output, writer =>
                    {
                        writer.WriteString("method", method.Name);
                        writer.WriteString("relation", result.Relation);
                        writer.WriteNumber("questions", result.Questions);
                        writer.WriteNumber("present", result.Present);
                        writer.WriteNumber("right", result.Right);
                    });
                }
            }
        }
        else
        {
            var rows = found[0].Results.Select((result, i) => Row(result.Relation, [result], [.. found.Select(of => (IEnumerable<AnalogyResult>)[of.Results[i]])])).ToList();
            foreach (var (name, isSyntactic) in ((string, bool?)[])[("semantic", false), ("syntactic", true), ("all", null)])
            {
                bool Counts(AnalogyResult result) => isSyntactic is null || result.IsSyntactic == isSyntactic;
                rows.Add(Row(name, [.. found[0].Results.Where(Counts)], [.. found.Select(of => of.Results.Where(Counts))]));
            }
            screen.Table(["analogies", "questions", "present", .. found.Select(of => of.Method.Name)], rows, 1, 2, 3, 4);
        }
        if (compared is null) return;
        for (var i = 0; i < found.Length; i++)
        {
            var (mine, theirs) = (Answers(found[i].Results), Answers(compared[i]));
            if (mine.Length != theirs.Length) throw new MisuseException($"{against} has not the same of the questions' words; the two are compared on questions that both can answer. Use vectors of the same words.");
            var (only, onlyOther) = (mine.Zip(theirs).Count(pair => pair is { First: true, Second: false }), mine.Zip(theirs).Count(pair => pair is { First: false, Second: true }));
            var test = SignificanceTests.McNemar(only, onlyOther);
            if (json)
            {
                Json.WriteObject(context.Output, writer =>
                {
                    writer.WriteString("method", found[i].Method.Name);
                    writer.WriteString("against", against);
                    writer.WriteNumber("right", mine.Count(right => right));
                    writer.WriteNumber("right_against", theirs.Count(right => right));
                    writer.Number("p_value", test.PValue);
                });
            }
            else
            {
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"{found[i].Method.Name}: {mine.Count(right => right):N0} right, {theirs.Count(right => right):N0} by {Markup.Escape(against!)}; only one of them right: {only:N0} and {onlyOther:N0}, p = {test.PValue:0.000} (McNemar)"));
            }
        }

        static bool[] Answers(IReadOnlyList<AnalogyResult> results) => [.. results.SelectMany(result => result.Answers)];
    }

    private static string[] Row(string name, AnalogyResult[] first, IEnumerable<AnalogyResult>[] byMethod)
    {
        var (questions, present) = (first.Sum(result => result.Questions), first.Sum(result => result.Present));
        return [name, questions.ToString("N0", CultureInfo.InvariantCulture), present.ToString("N0", CultureInfo.InvariantCulture),
            .. byMethod.Select(results => present == 0 ? "–" : (100.0 * results.Sum(result => result.Right) / present).ToString("0.0", CultureInfo.InvariantCulture) + " %")];
    }

    private static void Similarities(CommandContext context, Screen screen, SimilarityResult[] results, bool json)
    {
        if (!json)
        {
            screen.Line();
            screen.Table(["similarity", "pairs", "present", "Spearman", "95 %"], [.. results.Select(result => (string[])
            [
                result.Name, result.Pairs.ToString("N0", CultureInfo.InvariantCulture), result.Present.ToString("N0", CultureInfo.InvariantCulture),
                double.IsNaN(result.Spearman.Value) ? "–" : result.Spearman.Value.ToString("0.000", CultureInfo.InvariantCulture),
                double.IsNaN(result.Spearman.Value) ? "" : string.Create(CultureInfo.InvariantCulture, $"{result.Spearman.Low:0.000} to {result.Spearman.High:0.000}"),
            ])], 1, 2, 3);
            return;
        }
        foreach (var result in results)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("similarity", result.Name);
                writer.WriteNumber("pairs", result.Pairs);
                writer.WriteNumber("present", result.Present);
                writer.Number("spearman", result.Spearman.Value);
                writer.Number("low", result.Spearman.Low);
                writer.Number("high", result.Spearman.High);
            });
        }
    }

    private sealed class Share(Screen screen, string method) : IProgress<double>
    {
        public void Report(double value) => screen.Transient($"[dim]Answering by {method} {Quantity.Percent(value)}[/]");
    }
}
