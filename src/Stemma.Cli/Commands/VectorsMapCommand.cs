using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Interpretability;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors map</c>: words on a plane, as SVG.</summary>
internal static class VectorsMapCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var words = new Argument<string[]>("words") { Description = "Which words; without any, the most frequent.", Arity = ArgumentArity.ZeroOrMore };
        var usual = new Tsne();
        var method = new Option<string>("--method") { Description = "pca (the two directions of most variance) or tsne (near words near). [default: pca]", HelpName = "pca|tsne", DefaultValueFactory = _ => "pca" };
        method.AcceptOnlyFromAmong("pca", "tsne");
        var count = new Option<int?>("--count") { Description = "How many of the most frequent words. [default: 500]", HelpName = "number" };
        var labels = Options.Number("--labels", "How many words are written beside their dots, the first of them.", 150, 0, 5000);
        var skip = new Option<int?>("--skip") { Description = "How many of the most frequent words are left out, which say little. [default: 0]", HelpName = "number" };
        var perplexity = new Option<double?>("--perplexity") { Description = $"Of tsne: about how many neighbours a word has. [default: {usual.Perplexity}]", HelpName = "number" };
        var steps = new Option<int?>("--steps") { Description = $"Of tsne. [default: {usual.Steps}]", HelpName = "number" };
        var seed = new Option<ulong?>("--seed") { Description = $"Of tsne: decides where words start. [default: {usual.Seed}]", HelpName = "number" };
        var target = new Option<string>("--out") { Description = "The SVG file to write. [default: map.svg]", HelpName = "file", DefaultValueFactory = _ => "map.svg" };
        var json = Options.Json();
        var command = new Command("map", "Draw words on a plane, as SVG.") { vectors, words, method, count, skip, labels, perplexity, steps, seed, target, json };
        command.SetAction((parsed, cancellation) =>
        {
            var isTsne = parsed.GetValue(method) == "tsne";
            foreach (var option in (Option[])[perplexity, steps, seed])
                if (!isTsne && parsed.GetResult(option) is { Implicit: false }) throw new MisuseException($"{option.Name} belongs to --method tsne.");
            foreach (var option in (Option[])[count, skip])
                if (parsed.GetValue(words) is { Length: > 0 } && parsed.GetResult(option) is { Implicit: false }) throw new MisuseException($"{option.Name} chooses among the most frequent words; it has no meaning beside words that are named.");
            var tsne = isTsne ? usual with { Perplexity = parsed.GetValue(perplexity) ?? usual.Perplexity, Steps = parsed.GetValue(steps) ?? usual.Steps, Seed = parsed.GetValue(seed) ?? usual.Seed } : null;
            return Task.Run(() => Run(
                context, parsed.GetValue(vectors)!, parsed.GetValue(words) ?? [], parsed.GetValue(skip) ?? 0, parsed.GetValue(count) ?? 500, parsed.GetValue(labels), tsne, parsed.GetValue(target)!, parsed.GetValue(json), cancellation), CancellationToken.None);
        });
        return command;
    }

    private static int Run(CommandContext context, string path, string[] words, int skip, int count, int labels, Tsne? tsne, string target, bool json, CancellationToken cancellation)
    {
        if (skip < 0 || count < 1) throw new MisuseException("--count is at least 1, and --skip at least 0.");
        if (Directory.Exists(target)) throw new MisuseException($"{target} is a folder; name the SVG file with --out.");
        var screen = context.Screen(json);
        var vectors = VectorArgument.Read(path, screen, cancellation);
        int[] ids = words.Length > 0 ? [.. words.Select(word => VectorArgument.Find(vectors, word)).Distinct()] : [.. Enumerable.Range(0, vectors.Count).Skip(skip).Take(count)];
        if (ids.Length < 3) throw new MisuseException($"A map needs at least three words; there are {ids.Length}.");
        screen.Transient("[dim]Placing the words…[/]");
        var figure = tsne is null ? WordMap.Principal(vectors, ids, labels) : WordMap.Neighbourhoods(vectors, ids, labels, tsne, new Share(screen), cancellation);
        screen.ClearTransient();
        figure.SaveSvg(target);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteNumber("words", ids.Length);
                writer.WriteString("figure", figure.Subtitle);
            });
            return ExitCode.Success;
        }
        screen.Line($"{Markup.Escape(figure.Title)}, in {Markup.Escape(target)}");
        screen.Line($"[dim]{Markup.Escape(figure.Subtitle)}[/]");
        return ExitCode.Success;
    }

    private sealed class Share(Screen screen) : IProgress<double>
    {
        private readonly long _start = System.Diagnostics.Stopwatch.GetTimestamp();

        public void Report(double value)
        {
            var left = System.Diagnostics.Stopwatch.GetElapsedTime(_start) * ((1 - value) / Math.Max(value, 1e-3));
            screen.Transient($"[dim]Placing the words {Quantity.Percent(value)}  {Quantity.Clock(left)} left[/]");
        }
    }
}
