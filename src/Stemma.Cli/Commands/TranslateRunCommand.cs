using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Generation;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Training.Pairs;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma translate run</c>: lines in, what belongs to them out.</summary>
internal static class TranslateRunCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A run of `stemma translate train`.");
        var text = new Option<string>("--text") { HelpName = "line", Description = "A line to translate. [default: the lines of --source, or of standard input]" };
        var source = new Option<string>("--source") { HelpName = "file", Description = "Lines to translate." };
        var beam = new BeamOptions();
        var nbest = Options.Number("--nbest", "Translations per line, the best first; above 1 each with its score.", 1, 1, 10_000);
        var temperature = new Option<double?>("--temperature") { HelpName = "number", Description = "Draw tokens instead of searching: 1 as the model says, lower more cautiously." };
        var seed = Options.Number("--seed", "Decides the draws.", 0UL, ulong.MinValue, ulong.MaxValue);
        var alignment = new Option<string>("--alignment") { HelpName = "file.svg", Description = "Of one line: write how each token of the translation looked at the source." };
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("run", "Translate lines.") { folder, text, source, nbest, temperature, seed, alignment, threads, json };
        foreach (var option in beam.All) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is not null && result.GetValue(source) is not null) result.AddError("--text and --source both say what to translate; choose one.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var draws = parsed.GetValue(temperature) is { } degrees ? new GenerationOptions { Temperature = degrees, Seed = parsed.GetValue(seed), MaxTokens = beam.MaxTokens(parsed) } : null;
            if (draws is not null && (beam.Given(parsed) ?? (parsed.GetValue(nbest) > 1 ? nbest : null)) is { } other) throw new MisuseException($"--temperature draws and {other.Name} searches; choose one.");
            if (draws is not null && parsed.GetValue(alignment) is not null) throw new MisuseException("--alignment shows the best translation that a search finds; leave --temperature out.");
            draws?.BuildSampler();
            var search = beam.Read(parsed, parsed.GetValue(nbest));
            search.Validate();
            var lines = parsed.GetValue(text) is { } line ? [line] : parsed.GetValue(source) is { } file ? PairText.Lines(file) : PairText.Split(new StreamReader(context.OpenInput()).ReadToEnd());
            var translator = Load(parsed.GetValue(folder)!, Device.CreateCpu(parsed.GetValue(threads)));
            if (parsed.GetValue(alignment) is { } target) return Align(context, translator, lines, search, target, parsed.GetValue(json));
            return Run(context, translator, lines, search, draws, parsed.GetValue(json), cancellation);
        }, CancellationToken.None));
        return command;
    }

    /// <summary>The translator of a folder.</summary>
    /// <exception cref="MisuseException">There is no such folder.</exception>
    public static Translator Load(string folder, Device device) =>
        Directory.Exists(folder) ? Translator.Load(folder, device) : throw new MisuseException($"There is no folder {folder}.");

    private static int Run(CommandContext context, Translator translator, string[] lines, BeamSearch search, GenerationOptions? draws, bool json, CancellationToken cancellation)
    {
        foreach (var (number, line) in lines.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (draws is not null)
            {
                Write(translator.Sample(line, draws with { Seed = draws.Seed + (ulong)number }), null);
                continue;
            }
            foreach (var translation in translator.Translate(line, search)) Write(translation.Text, translation.Hypothesis);

            void Write(string text, Hypothesis? hypothesis)
            {
                if (json)
                {
                    Json.WriteObject(context.Output, writer =>
                    {
                        writer.WriteNumber("line", number + 1);
                        writer.WriteString("source", line);
                        writer.WriteString("translation", text);
                        if (hypothesis is null) return;
                        writer.Number("score", hypothesis.Score);
                        writer.Number("log_probability", hypothesis.LogProbability);
                        writer.WriteBoolean("ended", hypothesis.HasEnded);
                    });
                }
                else context.Output.WriteLine(search.Best > 1 && hypothesis is not null ? string.Create(CultureInfo.InvariantCulture, $"{number + 1}\t{hypothesis.Score:0.0000}\t{text}") : text);
            }
        }
        context.Output.Flush();
        return ExitCode.Success;
    }

    private static int Align(CommandContext context, Translator translator, string[] lines, BeamSearch search, string target, bool json)
    {
        if (lines.Length != 1) throw new MisuseException($"--alignment shows one line; there are {lines.Length:N0}. Give it with --text.");
        if (Path.GetExtension(target) is not ".svg") throw new MisuseException($"--alignment is {target}; its name must end in .svg.");
        var translation = translator.Translate(lines[0], search)[0];
        if (translation.Hypothesis.Alignment.Count == 0) throw new MisuseException("This model has no attention, so it has no alignment to show.");
        HeatMap.OfAlignment(
            $"How the translation looked at the source", [.. translation.TargetPieces.Take(translation.Hypothesis.Alignment.Count)],
            translation.SourcePieces, translation.Hypothesis.Alignment).SaveSvg(target);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", target);
                writer.WriteString("translation", translation.Text);
                writer.WriteStartArray("alignment");
                foreach (var row in translation.Hypothesis.Alignment)
                {
                    writer.WriteStartArray();
                    foreach (var weight in row) writer.WriteNumberValue(weight);
                    writer.WriteEndArray();
                }
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }
        context.Screen(json).Line(Markup.Escape(translation.Text));
        context.Screen(json).Line($"[dim]Wrote {Markup.Escape(target)}[/]");
        return ExitCode.Success;
    }
}
