using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Evaluation.Metrics.Translation;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Training.Pairs;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma translate eval</c>: BLEU on held-out pairs, by the length of the source.</summary>
internal static class TranslateEvalCommand
{
    private const string UsualBands = "8,11,14,18";

    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A run of `stemma translate train`.");
        var source = new Option<string>("--source") { HelpName = "file", Description = "Lines to translate.", Required = true };
        var target = new Option<string>("--target") { HelpName = "file", Description = "What they should become.", Required = true };
        var bands = new Option<string>("--bands") { HelpName = "8,11,14", Description = $"The most words of the sources in each band of length but the last. [default: {UsualBands}]", DefaultValueFactory = _ => UsualBands };
        var save = new Option<string>("--save") { HelpName = "file", Description = "Also write the translations, a line each." };
        var beam = new BeamOptions();
        var samples = Options.Number("--samples", "Resamples for the interval.", 1000, 1, 1_000_000);
        var seed = Options.Number("--seed", "Decides the resamples.", 1337UL, ulong.MinValue, ulong.MaxValue);
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("eval", "Translate held-out lines and score them: BLEU, exact matches, BLEU by the length of the source.") { folder, source, target, bands, save, samples, seed, threads, json };
        foreach (var option in beam.All) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var edges = Edges(parsed.GetValue(bands)!);
            var search = beam.Read(parsed);
            var (sources, targets) = PairText.Read(parsed.GetValue(source)!, parsed.GetValue(target)!);
            var translator = TranslateRunCommand.Load(parsed.GetValue(folder)!, Device.CreateCpu(parsed.GetValue(threads)));
            var screen = context.Screen(parsed.GetValue(json));
            var said = new string[sources.Length];
            for (var i = 0; i < said.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (i % 10 == 0) screen.Transient($"[dim]Translating {Quantity.Percent((double)i / said.Length)}[/]");
                said[i] = translator.Translate(sources[i], search)[0].Text;
            }
            screen.ClearTransient();
            if (parsed.GetValue(save) is { } file) AtomicFile.WriteText(file, string.Concat(said.Select(line => line.ReplaceLineEndings(" ") + "\n")));
            return Report(context, screen, translator, (sources, targets, said), edges, (parsed.GetValue(samples), parsed.GetValue(seed)), parsed.GetValue(json));
        }, CancellationToken.None));
        return command;
    }

    private static int Report(CommandContext context, Screen screen, Translator translator, (string[] Sources, string[] Targets, string[] Said) text, int[] edges, (int Samples, ulong Seed) resampling, bool json)
    {
        // A model of small letters is not asked for large ones.
        var bleu = new Bleu { LowerCase = translator.Tokens.Lowercase };
        IReadOnlyList<string>[] references = [.. text.Targets.Select(line => (IReadOnlyList<string>)[line])];
        var counts = bleu.CountAll(text.Said, references);
        var interval = SystemComparison.Interval(bleu, counts, resampling.Samples, resampling.Seed);
        var details = bleu.Explain(counts.Sum());
        var exact = text.Said.Zip(text.Targets).Count(pair => pair.First == translator.Tokens.Normalized(pair.Second)) / (double)text.Said.Length;
        var byLength = ScoreByLength.Of(bleu, text.Sources, text.Said, text.Targets, edges);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.Number("bleu", interval.Value);
                writer.Number("low", interval.Low);
                writer.Number("high", interval.High);
                writer.Number("brevity_penalty", details.BrevityPenalty);
                writer.WriteString("signature", bleu.Signature(1));
                writer.Number("exact", exact);
                writer.WriteNumber("segments", text.Said.Length);
                writer.WriteStartArray("by_length");
                foreach (var band in byLength)
                {
                    writer.WriteStartObject();
                    writer.WriteString("words", band.Name);
                    writer.WriteNumber("segments", band.Segments);
                    writer.Number("bleu", band.Score);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"[bold]BLEU {details}[/]"));
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"95 % between {interval.Low:0.00} and {interval.High:0.00}; [dim]{Markup.Escape(bleu.Signature(1))}[/]"));
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{100 * exact:0.00} % of {Quantity.Of(text.Said.Length, "line")} exactly right"));
        screen.Line();
        screen.Table(
            ["source words", "lines", "BLEU"],
            [.. byLength.Where(band => band.Segments > 0).Select(band => (string[])[band.Name, $"{band.Segments:N0}", band.Score.ToString("0.00", CultureInfo.InvariantCulture)])], 1, 2);
        return ExitCode.Success;
    }

    private static int[] Edges(string text)
    {
        try
        {
            int[] edges = [.. text.Split(',').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))];
            if (edges.Zip(edges.Skip(1)).All(pair => pair.First < pair.Second)) return edges;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
        }
        throw new MisuseException($"--bands is \"{text}\"; it takes rising whole numbers, such as {UsualBands}.");
    }
}
