using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation.TextStatistics;
using Stemma.Reporting;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize compare</c>: tokenizers on one text, and what their vocabulary sizes buy.</summary>
internal static class TokenizeCompareCommand
{
    public static Command Create(CommandContext context)
    {
        var tokenizers = new Argument<string[]>("tokenizers") { Description = "Two or more: tokenizer.json, .model, or folders that hold one.", Arity = new ArgumentArity(2, 64) };
        var text = new Option<string>("--text") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs.", HelpName = "text", Required = true };
        var svg = new Option<string?>("--svg") { Description = "A file for the figure: tokens per byte over vocabulary size.", HelpName = "file" };
        var figures = new Option<string?>("--figures") { Description = "A folder for figures: the trade-off, and of the text's words frequency over rank (Zipf), growth (Heaps), and what vocabularies of words miss.", HelpName = "folder" };
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("compare", "Compare tokenizers on one text: tokens per byte, differences, speed.") { tokenizers, text, svg, figures, lossy, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(tokenizers)!, parsed.GetValue(text)!, parsed.GetValue(svg), parsed.GetValue(figures), parsed.GetValue(lossy), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string[] paths, string data, string? svg, string? figures, bool lossy, bool json)
    {
        var corpus = data == "-" ? new StandardInputCorpus(context.OpenInput, lossy) : Corpus.Open(data, lossy);
        var tokenizers = paths.Select(TokenizerSource.Load).ToArray();
        var documents = corpus.Documents().ToArray();
        string[] texts = [.. documents.Select(document => document.Text)];
        var bytes = texts.Sum(text => (long)Encoding.UTF8.GetByteCount(text));
        if (bytes == 0) throw new Stemma.Text.TextFormatException($"{corpus.Name} has no text to compare on.");
        var results = paths.Zip(tokenizers).Select(pair => Measure(pair.First, pair.Second, documents, bytes)).ToArray();
        var example = FirstDifference(tokenizers[0], tokenizers[1], texts);
        if (svg is not null) TradeOff(results, corpus.Name).SaveSvg(svg);
        var growth = figures is null ? null : Draw(figures, results, texts, corpus.Name);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteNumber("bytes", bytes);
                writer.WriteStartArray("tokenizers");
                foreach (var result in results)
                {
                    writer.WriteStartObject();
                    writer.WriteString("file", result.Path);
                    writer.WriteNumber("vocab_size", result.VocabSize);
                    writer.WriteNumber("tokens", result.Tokens);
                    writer.Number("tokens_per_byte", result.TokensPerByte);
                    writer.WriteNumber("used", result.Used);
                    writer.WriteNumber("changed_texts", result.Changed);
                    if (result.Change is not null) writer.WriteString("first_change", result.Change);
                    writer.Number("megabytes_per_second", Math.Round(result.Speed, 2));
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                if (growth is not null)
                {
                    writer.Number("zipf_exponent", growth.ZipfExponent);
                    writer.Number("heaps_exponent", growth.HeapsExponent);
                    writer.Number("out_of_vocabulary", growth.Misses[^1].Share);
                }

                if (example is not { } found) return;
                writer.WriteStartArray("first_difference");
                writer.WriteStringValue(found.First);
                writer.WriteStringValue(found.Second);
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"{Markup.Escape(corpus.Name)}: {Quantity.Bytes(bytes)} in {Quantity.Of(texts.Length, "document")}");
        screen.Table(
            ["vocabulary", "tokens", "tokens/byte", "bytes/token", "used", "changed", "MB/s", "tokenizer"],
            [.. results.Select(result => (string[])[
                $"{result.VocabSize}", $"{result.Tokens}", result.TokensPerByte.ToString("0.0000", CultureInfo.InvariantCulture), (1 / result.TokensPerByte).ToString("0.000", CultureInfo.InvariantCulture),
                $"{100.0 * result.Used / result.VocabSize:0} %", $"{result.Changed}", result.Speed.ToString("0.0", CultureInfo.InvariantCulture), result.Path])], 0, 1, 2, 3, 4, 5, 6);
        screen.Line($"[dim]used: the share of the vocabulary that the text has; changed: documents that do not decode to themselves; MB/s: one thread[/]");
        foreach (var result in results.Where(result => result.Change is not null)) screen.Line(Markup.Escape($"{result.Path} changes {result.Change}"));
        if (example is { } difference)
        {
            screen.Line("The first difference of the first two:");
            screen.Line($"  {Markup.Escape(difference.First)}");
            screen.Line($"  {Markup.Escape(difference.Second)}");
        }
        else
        {
            screen.Line("The first two divide the text alike.");
        }

        if (svg is not null) screen.Line($"Saved {Markup.Escape(svg)}.");
        if (growth is null) return ExitCode.Success;
        screen.Line($"{growth.Frequencies.Count:N0} different words; Zipf's exponent {growth.ZipfExponent:0.00}, Heaps' {growth.HeapsExponent:0.00}; all words of the first nine tenths miss {Quantity.Percent(growth.Misses[^1].Share)} of the last");
        screen.Line($"Drew {Markup.Escape(figures!)}.");
        return ExitCode.Success;
    }

    private static WordGrowth Draw(string folder, Result[] results, string[] texts, string name)
    {
        var words = texts.SelectMany(Collocations.WordsOf).OfType<string>().ToList();
        if (words.Count < 100) throw new Stemma.Text.TextFormatException($"{name} has {words.Count} words; --figures needs at least 100.");
        Directory.CreateDirectory(folder);
        TradeOff(results, name).SaveSvg(Path.Combine(folder, "vocabulary-size.svg"));
        var growth = WordGrowth.Of(words);
        foreach (var (file, figure) in WordFigures.Of(growth, name)) figure.SaveSvg(Path.Combine(folder, file));
        return growth;
    }

    private static Result Measure(string path, Tokenizer tokenizer, Document[] documents, long bytes)
    {
        HashSet<int> used = [];
        var (tokens, changed, seconds) = (0L, 0, 0.0);
        List<int> ids = [];
        string? change = null;
        foreach (var (name, text) in documents)
        {
            ids.Clear();
            var watch = Stopwatch.StartNew();
            tokenizer.Encode(text, ids);
            seconds += watch.Elapsed.TotalSeconds;
            tokens += ids.Count;
            used.UnionWith(ids);
            var decoded = tokenizer.Decode(CollectionsMarshal.AsSpan(ids));
            if (decoded == text) continue;
            changed++;
            change ??= Change(name, text, decoded);
        }

        return new(path, tokenizer.VocabSize, tokens, (double)tokens / bytes, used.Count, changed, change, bytes / 1e6 / seconds);
    }

    // The first place where a text reads back otherwise, with what stands around it.
    private static string Change(string name, string text, string decoded)
    {
        var at = text.AsSpan().CommonPrefixLength(decoded);
        return $"{name}, character {at}: {Around(text)} reads back as {Around(decoded)}";

        string Around(string of) => $"\"{of[Math.Max(0, at - 12)..Math.Min(of.Length, at + 12)].ReplaceLineEndings("\\n")}\"";
    }

    // Some pieces around the first place where the two divide a text differently.
    private static (string First, string Second)? FirstDifference(Tokenizer first, Tokenizer second, string[] texts)
    {
        foreach (var text in texts)
        {
            var (a, b) = (first.EncodeWithOffsets(text), second.EncodeWithOffsets(text));
            for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
            {
                if (a[i].ByteEnd == b[i].ByteEnd) continue;
                return (Pieces(a, i), Pieces(b, i));
            }
        }

        return null;
    }

    private static string Pieces(IReadOnlyList<TokenSpan> spans, int at) => string.Join(" | ", spans.Skip(Math.Max(0, at - 3)).Take(12).Select(span => span.Piece.Replace("\n", "\\n", StringComparison.Ordinal)));

    private static Chart TradeOff(Result[] results, string text) => new()
    {
        Title = "What a larger vocabulary buys",
        Subtitle = $"Tokens per byte of {text}",
        X = new LogAxis("vocabulary (tokens)"),
        Y = new LinearAxis("tokens per byte"),
        Series =
        [
            new LineSeries("", [.. results.OrderBy(result => result.VocabSize).Select(result => new ChartPoint(result.VocabSize, result.TokensPerByte))]),
            new PointSeries("", [.. results.Select(result => new ChartPoint(result.VocabSize, result.TokensPerByte))]) { Labels = [.. results.Select(result => Path.GetFileNameWithoutExtension(result.Path))] },
        ],
    };

    private sealed record Result(string Path, int VocabSize, long Tokens, double TokensPerByte, int Used, int Changed, string? Change, double Speed);
}
