using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation.Metrics.Translation;
using Stemma.Evaluation.Statistics;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma score</c>: what a system said against what it should have said.</summary>
internal static class ScoreCommand
{
    private static readonly (string Name, BleuTokenizer Tokenizer)[] s_tokenizers =
        [("13a", BleuTokenizer.Mteval13a), ("intl", BleuTokenizer.International), ("char", BleuTokenizer.Characters), ("none", BleuTokenizer.None)];

    public static Command Create(CommandContext context)
    {
        var hypothesis = new Argument<string>("hypothesis") { Description = "What a system said: a segment a line." };
        var reference = new Option<string[]>("--reference") { Description = "What it should have said: as many lines. Repeatable.", HelpName = "file", Required = true, Arity = ArgumentArity.OneOrMore };
        var against = new Option<string>("--against") { Description = "Another system's lines: how sure is the difference?", HelpName = "file" };
        var metric = new Option<string[]>("--metric") { Description = $"{string.Join(", ", ScoreMetric.Names)}. Repeatable. [default: bleu chrf ter]", HelpName = "name", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        var tokenizer = new Option<string>("--bleu-tokenizer") { Description = "How BLEU cuts words, as sacreBLEU names it: 13a, intl, char, none. [default: 13a]", HelpName = "name", DefaultValueFactory = _ => "13a" };
        tokenizer.AcceptOnlyFromAmong([.. s_tokenizers.Select(known => known.Name)]);
        var lowerCase = new Option<bool>("--lower-case") { Description = "Make letters small first." };
        var stem = new Option<bool>("--stem") { Description = "Let ROUGE count words with the same stem as the same (Porter)." };
        var samples = Options.Number("--samples", "Resamples for intervals and tests.", 1000, 1, 1_000_000);
        var seed = Options.Number("--seed", "Decides the resamples.", 1337UL, ulong.MinValue, ulong.MaxValue);
        var json = Options.Json();
        var command = new Command("score", "Score translations, summaries, recognised speech, labels or answers against references, with intervals and tests.") { hypothesis, reference, against, metric, tokenizer, lowerCase, stem, samples, seed, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            string[] names = parsed.GetValue(metric) is { Length: > 0 } given ? given : ["bleu", "chrf", "ter"];
            var cut = s_tokenizers.First(known => known.Name == parsed.GetValue(tokenizer)).Tokenizer;
            ScoreMetric[] metrics = [.. names.Select(name => ScoreMetric.Find(name, parsed.GetValue(lowerCase), cut, parsed.GetValue(stem)))];
            return Run(context, parsed.GetValue(hypothesis)!, parsed.GetValue(reference)!, parsed.GetValue(against), metrics, parsed.GetValue(samples), parsed.GetValue(seed), parsed.GetValue(json), cancellation);
        }, CancellationToken.None));
        return command;
    }

    private static int Run(
        CommandContext context, string hypothesis, string[] references, string? against, ScoreMetric[] metrics, int samples, ulong seed, bool json, CancellationToken cancellation)
    {
        foreach (var metric in metrics)
            if (references.Length > 1 && !metric.TakesSeveral) throw new MisuseException($"{metric.Title} takes one reference; give --reference once, or choose bleu, chrf, chrf++ or ter.");
        var (said, right) = (Lines(hypothesis), references.Select(Lines).ToArray());
        foreach (var (lines, file) in right.Zip(references)) RequireFit(said, hypothesis, lines, file);
        var other = against is null ? null : Lines(against);
        if (other is not null) RequireFit(said, hypothesis, other, against!);
        string[][] segments = [.. Enumerable.Range(0, said.Length).Select(i => (string[])[.. right.Select(lines => lines[i])])];

        var screen = context.Screen(json);
        foreach (var metric in metrics)
        {
            cancellation.ThrowIfCancellationRequested();
            screen.Transient($"[dim]{metric.Title}…[/]");
            var counts = metric.CountAll(said, segments);
            var others = other is null ? null : metric.CountAll(other, segments);
            var comparison = others is null ? null : SystemComparison.Of(metric.Score, others, counts, samples, seed);
            var tests = others is null ? null : PairedTests.Of(EachOf(metric, others), EachOf(metric, counts));
            var score = comparison?.System ?? SystemComparison.Interval(metric.Score, counts, samples, seed);
            screen.ClearTransient();
            if (json) Write(context, metric, references.Length, said.Length, score, comparison, tests);
            else Show(screen, metric, references.Length, score, comparison, tests);
        }
        return ExitCode.Success;
    }

    private static void Show(Screen screen, ScoreMetric metric, int references, ScoreInterval score, SystemComparison? comparison, PairedTests? tests)
    {
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"[bold]{metric.Title,-10} {score.Value,7:0.00}[/]  95 % between {score.Low:0.00} and {score.High:0.00}   [dim]{Markup.Escape(metric.Signature(references))}[/]"));
        if (comparison is not { Baseline: var baseline, Difference: var difference }) return;
        var p = PairedTests.PValue(comparison.PValue);
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{"",-10} {difference.Value,7:+0.00;-0.00;0.00}  against {baseline.Value:0.00}; 95 % between {difference.Low:+0.00;-0.00;0.00} and {difference.High:+0.00;-0.00;0.00}, {p}"));
        if (tests?.ToString() is { Length: > 0 } each) screen.Line($"{"",-10} [dim]of each segment's own score: {each}[/]");
    }

    private static void Write(CommandContext context, ScoreMetric metric, int references, int segments, ScoreInterval score, SystemComparison? comparison, PairedTests? tests) => Json.WriteObject(context.Output, writer =>
    {
        writer.WriteString("metric", metric.Name);
        writer.Number("score", score.Value);
        writer.Number("low", score.Low);
        writer.Number("high", score.High);
        writer.WriteNumber("segments", segments);
        writer.WriteString("signature", metric.Signature(references));
        if (comparison is not { Baseline: var baseline, Difference: var difference }) return;
        writer.Number("against", baseline.Value);
        writer.Number("difference", difference.Value);
        writer.Number("difference_low", difference.Low);
        writer.Number("difference_high", difference.High);
        writer.Number("p_value", comparison.PValue);
        if (tests?.T is { } t) writer.Number("t_p_value", t.PValue);
        if (tests?.Wilcoxon is { } wilcoxon) writer.Number("wilcoxon_p_value", wilcoxon.PValue);
        if (tests?.McNemar is { } mcnemar) writer.Number("mcnemar_p_value", mcnemar.PValue);
    });

    private static double[] EachOf(ScoreMetric metric, SegmentCounts counts) => [.. Enumerable.Range(0, counts.SegmentCount).Select(i => metric.Score.Score(counts[i]))];

    private static string[] Lines(string file)
    {
        if (!File.Exists(file)) throw new MisuseException($"There is no file {file}.");
        string text;
        try
        {
            text = File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new MisuseException($"{file} is not UTF-8. Convert it.");
        }
        // Other marks that Unicode counts as ends of lines are part of a segment, as in sacreBLEU.
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++) lines[i] = lines[i].TrimEnd('\r');
        return lines is [.. var whole, ""] ? whole : lines;
    }

    private static void RequireFit(string[] said, string hypothesis, string[] lines, string file)
    {
        if (lines.Length != said.Length) throw new MisuseException($"{hypothesis} has {Quantity.Of(said.Length, "line")} and {file} {Quantity.Of(lines.Length, "line")}; they belong together line by line.");
        if (said.Length == 0) throw new MisuseException($"{hypothesis} is empty; there is nothing to score.");
    }
}
