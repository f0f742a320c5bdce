using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Lineage;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma lineage</c>: every kind of model on one text, one scale, one table.</summary>
internal static class LineageCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new LineageRun();
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => usual.Data.Source };
        var tokenizer = new Option<string>("--tokenizer") { Description = "char, bpe, unigram or sentencepiece-bpe (trained on the text), or a tokenizer's file: the same for every rung. [default: bpe]", HelpName = "kind|path", DefaultValueFactory = _ => "bpe" };
        var size = new Option<int?>("--vocab-size") { Description = $"Tokens of the tokenizer that is trained. [default: {((BpeTokenizerConfig)usual.Tokenizer).VocabSize}]", HelpName = "number" };
        var budget = new Option<string>("--budget") { Description = "What each trained rung may take, such as 60s or 5m. It is turned once into a number of steps, which is kept and replayed. [default: 60s]", HelpName = "60s" };
        var flops = new Option<double?>("--budget-flops") { Description = "The same in floating-point operations, such as 1e13: exact, the same on every machine.", HelpName = "number" };
        var only = new Option<string[]>("--only") { Description = $"Some rungs: {string.Join(", ", Rungs.All.Select(rung => rung.Name))}. Repeatable. [default: all]", HelpName = "rung", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        var prompt = new Option<string>("--prompt") { Description = "What every rung continues. [default: the beginning of the held-out text]", HelpName = "text" };
        var seed = Options.Number("--seed", "Decides weights, batches and samples: the same seed and steps give the same bits.", usual.Seed, ulong.MinValue, ulong.MaxValue);
        var target = new Option<string>("--out") { Description = "Where everything goes. A lineage that was stopped goes on there. [default: runs/lineage-<text>]", HelpName = "folder" };
        var page = new Option<string>("--page") { Description = "Write the table, the figures (into figures beside it) and the samples as a page of documentation too.", HelpName = "file.md" };
        var (lossy, threads, json) = (Options.Lossy(), Options.Threads(), Options.Json());
        var command = new Command("lineage", "Train every kind of language model on one text and put them on one scale.") { data, tokenizer, size, budget, flops, only, prompt, seed, target, page, lossy, threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            var chosen = TrainOptions.TokenizerOf(parsed.GetValue(tokenizer)!, usual.Tokenizer);
            if (chosen is WordTokenizerConfig or WordPieceTokenizerConfig) throw new MisuseException("Words do not put models on one scale of bits per byte: unknown words have no bytes. --tokenizer is char, bpe, unigram, sentencepiece-bpe or a tokenizer's file.");
            if (parsed.GetValue(size) is { } vocabSize)
            {
                if (chosen is BpeTokenizerConfig && vocabSize < 257) throw new MisuseException($"--vocab-size is {vocabSize}; byte-level BPE needs at least 257 (256 bytes and the end of text).");
                chosen = chosen switch
                {
                    BpeTokenizerConfig bpe => bpe with { VocabSize = vocabSize },
                    UnigramTokenizerConfig unigram => unigram with { VocabSize = vocabSize },
                    SentencePieceBpeTokenizerConfig merges => merges with { VocabSize = vocabSize },
                    _ => throw new MisuseException("--vocab-size belongs to --tokenizer bpe, unigram or sentencepiece-bpe."),
                };
            }
            if (parsed.GetValue(budget) is not null && parsed.GetValue(flops) is not null) throw new MisuseException("--budget and --budget-flops are the same thing in two units; give one of them.");
            var time = TimeSpan.FromSeconds(usual.BudgetSeconds!.Value);
            if (parsed.GetValue(budget) is { } text && !Duration.TryParse(text, out time)) throw new MisuseException($"--budget is \"{text}\"; it is a time such as 60s or 5m.");
            var source = parsed.GetValue(data)!;
            var run = new LineageRun
            {
                Data = new() { Source = source, Lossy = parsed.GetValue(lossy) },
                Tokenizer = chosen,
                Rungs = parsed.GetValue(only) ?? [],
                BudgetSeconds = parsed.GetValue(flops) is null ? time.TotalSeconds : null,
                BudgetFlops = parsed.GetValue(flops),
                Seed = parsed.GetValue(seed),
                Prompt = parsed.GetValue(prompt) ?? (source == usual.Data.Source ? "Gets or sets the" : ""),
            };
            run.Validate();
            var folder = parsed.GetValue(target) ?? Path.Combine("runs", $"lineage-{TrainOptions.NameOf(source)}");
            return RunAsync(context, run, folder, parsed.GetValue(page), parsed.GetValue(threads), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, LineageRun run, string folder, string? page, int threads, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        using var session = await Task.Run(() => LineageSession.Open(run, folder, threads, new PreparationProgress(screen), cancellation), CancellationToken.None).ConfigureAwait(false);
        screen.ClearTransient();
        var data = session.Data;
        screen.Line($"[bold]Corpus[/]    {Markup.Escape(data.Name)}   {Quantity.Bytes(data.Bytes)} in {Quantity.Of(data.Documents, "document")}, {data.TrainTokens:N0} tokens to learn from, {data.ValidationBytes:N0} bytes held out");
        screen.Line($"[bold]Tokens[/]    {Quantity.Of(session.VocabSize, "token")} in the vocabulary, {data.BytesPerToken:0.00} bytes/token");
        var trained = run.Selected().Count(rung => rung is TrainedRung);
        screen.Line($"[bold]Budget[/]    {(run.BudgetSeconds is { } seconds ? $"{seconds:0.#} s for each trained rung, {Quantity.About(TimeSpan.FromSeconds((seconds + 10) * trained + 12 * (run.Selected().Count - trained)))} in all" : $"{Quantity.Count(run.BudgetFlops!.Value)}FLOP for each trained rung")}     Ctrl-C saves; the same command goes on");
        screen.Line();
        screen.Line($"[dim]{"year",5}  {"model",-28} {"bits/byte",14} {"params",9} {"tokens/s",9} {"seconds",8}  its arrow[/]");

        List<(Rung Rung, RungResult Result)> rows = [];
        try
        {
            await foreach (var row in session.Results(new Progress(screen), cancellation).ConfigureAwait(false))
            {
                rows.Add(row);
                screen.ClearTransient();
                var arrow = LineageTable.Arrows(rows)[^1];
                var (rung, result) = row;
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"{rung.Year,5}  {Markup.Escape(rung.Title),-28} [bold]{LineageTable.BitsPerByte(result),14}[/] {LineageTable.Count(result.Parameters),9} {LineageTable.Count(result.TokensPerSecond),9} {result.Seconds,8:0.0}  {Markup.Escape(rung.Arrow)}"));
                if (arrow is not null) screen.Line($"       {(arrow.Holds ? "[green]✓[/]" : "[red]✗[/]")} [dim]{Markup.Escape(LineageTable.Finding(arrow))}[/]");
                if (json) Write(context, session, row, arrow);
            }
        }
        catch (OperationCanceledException)
        {
            screen.Line();
            screen.Line($"Stopped after {Quantity.Of(rows.Count, "rung")}, saved. The same command goes on in {Markup.Escape(folder)}.");
            return ExitCode.Failed;
        }

        var report = Path.Combine(folder, "report.html");
        new LineageReport(session, rows).Save(report);
        var markdown = new LineageMarkdown(session, rows);
        markdown.Save(Path.Combine(folder, "report.md"));
        if (page is not null) markdown.Save(page, "figures");
        screen.Line();
        screen.Line($"Report: {Markup.Escape(report)} (the table, curves, what each rung can do and what it writes; report.md is the short form)");
        return ExitCode.Success;
    }

    private static void Write(CommandContext context, LineageSession session, (Rung Rung, RungResult Result) row, ArrowTest? arrow) => Json.WriteObject(context.Output, writer =>
    {
        var (rung, result) = row;
        writer.WriteString("rung", rung.Name);
        writer.WriteString("title", rung.Title);
        writer.WriteNumber("year", rung.Year);
        writer.WriteString("paper", rung.Paper);
        writer.Number("bits_per_byte", result.BitsPerByte ?? double.PositiveInfinity);
        writer.Number("low", result.Low ?? double.PositiveInfinity);
        writer.Number("high", result.High ?? double.PositiveInfinity);
        writer.WriteNumber("parameters", result.Parameters);
        writer.WriteNumber("steps", result.Steps);
        writer.WriteNumber("trained_tokens", result.TrainedTokens);
        writer.Number("tokens_per_second", result.TokensPerSecond);
        writer.Number("flops", result.Flops);
        writer.Number("seconds", result.Seconds);
        writer.WriteNumber("peak_bytes", result.PeakBytes);
        if (result.Joules is { } joules) writer.Number("joules", joules);
        writer.WriteStartObject("abilities");
        foreach (var ability in Enum.GetValues<Ability>())
            if (ability != Ability.Prediction) writer.Number(ability.ToString().ToLowerInvariant(), result.Abilities[ability]);
        writer.WriteEndObject();
        if (arrow is not null)
        {
            writer.WriteStartObject("arrow");
            writer.WriteString("test", arrow.Test.ToString().ToLowerInvariant());
            writer.Number("before", arrow.Before);
            writer.Number("after", arrow.After);
            writer.WriteBoolean("holds", arrow.Holds);
            if (arrow.PValue is { } chance) writer.Number("p_value", chance);
            writer.WriteEndObject();
        }
        writer.WriteString("sample", result.Sample);
        writer.WriteString("folder", session.FolderOf(rung));
    });

    private sealed class Progress(Screen screen) : IProgress<RungProgress>
    {
        public void Report(RungProgress value)
        {
            lock (screen)
            {
                var share = double.IsNaN(value.Fraction) ? "" : $" {Quantity.Percent(value.Fraction)}";
                screen.Transient($"[dim]{Markup.Escape($"{value.Rung.Title}: {value.Stage}")}{share}[/]");
            }
        }
    }
}
