using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation.TextStatistics;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;
using Stemma.Reporting;
using Stemma.Text.Corpora;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma text</c>: what a text tells before any model sees it.</summary>
internal static class TextCommand
{
    private const int MostSymbols = 128, LeastSymbols = 1000;

    public static Command Create(CommandContext context)
    {
        var data = new Argument<string>("data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs." };
        var most = Options.Number("--characters", "The most characters to read.", 4_000_000, LeastSymbols, int.MaxValue / 4);
        var lag = Options.Number("--lag", "The largest distance between two symbols.", 1000, 10, 1_000_000);
        var top = Options.Number("--top", "Collocations to show.", 15, 0, 10_000);
        var least = Options.Number("--least", "How often a collocation must stand.", 10, 1, int.MaxValue);
        var figure = new Option<string>("--figure") { HelpName = "file", Description = "Write mutual information against lag as .svg." };
        var seed = Options.Number("--seed", "Decides what is shuffled and drawn.", 1337UL, ulong.MinValue, ulong.MaxValue);
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("text", "Show what a text tells before any model sees it: entropies, how far its symbols reach, collocations.") { data, most, lag, top, least, figure, seed, lossy, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            if (parsed.GetValue(figure) is { } file && Path.GetExtension(file) != ".svg") throw new MisuseException($"--figure is {file}; its name must end in .svg.");
            var source = parsed.GetValue(data)!;
            var corpus = source == "-" ? new StandardInputCorpus(context.OpenInput, parsed.GetValue(lossy)) : Corpus.Open(source, parsed.GetValue(lossy));
            return Run(context, corpus, parsed.GetValue(most), parsed.GetValue(lag), parsed.GetValue(top), parsed.GetValue(least), parsed.GetValue(figure), parsed.GetValue(seed), parsed.GetValue(json), cancellation);
        }, CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, Corpus corpus, int most, int longest, int top, int least, string? figure, ulong seed, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        screen.Transient("[dim]Reading…[/]");
        List<string> characters = [];
        List<string?> words = [];
        foreach (var document in corpus.Documents())
        {
            cancellation.ThrowIfCancellationRequested();
            var text = document.Text.Length <= most - characters.Count ? document.Text : document.Text[..(most - characters.Count)];
            foreach (var rune in text.EnumerateRunes()) characters.Add(rune.ToString());
            words.AddRange(Collocations.WordsOf(text));
            if (characters.Count >= most - 1) break;
        }
        if (characters.Count < LeastSymbols) throw new MisuseException($"{corpus.Name} holds {Quantity.Of(characters.Count, "character")}; its statistics need at least {LeastSymbols:N0}.");

        var random = new RandomStream(seed).Fork("text");
        var letters = SymbolSequence.Of(characters, MostSymbols);
        var chain = letters.ToChain();
        var drawn = letters with { Symbols = chain.Sample(letters.Symbols[0], letters.Symbols.Length, random.Fork("walk")) };
        var rest = chain.Stationary(1e-10);
        var written = drawn.Counts();
        var apart = rest.Select((p, i) => Math.Abs(p - (double)written[i] / drawn.Symbols.Length)).Max();
        string[] spoken = [.. words.OfType<string>()];
        var vocabulary = spoken.Distinct(StringComparer.Ordinal).Count();
        // Each distance needs a text much longer than itself.
        var ofLetters = Measure("letters", letters);
        var ofChain = Measure("letters of a chain", drawn);
        var ofWords = spoken.Length >= LeastSymbols ? Measure("words", SymbolSequence.Of(spoken, MostSymbols)) : null;
        screen.Transient("[dim]Collocations…[/]");
        var collocations = Collocations.Find(words, least);
        screen.ClearTransient();

        if (figure is not null) Figure(corpus.Name, ofLetters, ofChain, ofWords).SaveSvg(figure);
        var bits = (Uniform: Math.Log2(letters.Names.Count), Letters: Information.EntropyOfCounts(letters.Counts()) / Math.Log(2), Chain: chain.EntropyRate() / Math.Log(2));
        if (json)
        {
            Json.WriteObject(context.Output, writer => Write(writer, letters, bits, apart, (spoken.Length, vocabulary), ofLetters, ofChain, ofWords, collocations.Take(top)));
            return ExitCode.Success;
        }

        screen.Line($"[bold]Text[/]         {characters.Count:N0} characters, {letters.Names.Count} different{(letters.Names[^1] == SymbolSequence.Others ? " (rare ones as one)" : "")}; {spoken.Length:N0} words, {vocabulary:N0} different");
        screen.Line($"[bold]Entropy[/]      {bits.Uniform:0.00} bits a character if all were alike, {bits.Letters:0.00} by how frequent each is, {bits.Chain:0.00} when the one before is known");
        screen.Line($"[bold]Chain[/]        what it writes has its letters as often as its stationary distribution says, within {apart:0.0000}");
        screen.Line($"[bold]Letters[/]      {Reach(ofLetters)}");
        screen.Line($"[bold]Chain's[/]      {Reach(ofChain)}");
        if (ofWords is not null) screen.Line($"[bold]Words[/]        {Reach(ofWords)}");
        if (top > 0)
        {
            screen.Line();
            if (collocations.Count == 0) screen.Line($"No two words stand beside each other {Quantity.Of(least, "time")} and more than by chance. (--least takes a smaller number.)");
            else screen.Table(["collocation", "times", "by chance", "PMI (bits)", "χ²"], [.. collocations.Take(top).Select(Row)], 1, 2, 3, 4);
        }
        if (figure is not null) screen.Line($"Wrote {Markup.Escape(figure)}.");
        return ExitCode.Success;

        LagInformation Measure(string what, SymbolSequence symbols) => LagInformation.Measure(
            symbols, LagInformation.Lags(Math.Min(longest, symbols.Symbols.Length / 10)), random.Fork(what),
            new Progress(screen, what), cancellation);
    }

    private static string[] Row(Collocation pair) => [$"{pair.First} {pair.Second}", $"{pair.Count:N0}", $"{pair.Expected:0.00}", $"{pair.Bits:0.00}", $"{pair.Test.Statistic:N0}"];

    private static string Reach(LagInformation information)
    {
        var told = information.Told;
        if (told.Count == 0) return $"neighbours tell no more than chance, {information.Floor:0.0000} bits";
        var text = $"{told[0].Bits:0.000} bits about the next, {told[^1].Bits:0.0000} about the one {Quantity.Of(told[^1].Lag, "place")} on{(told.Count < information.Points.Count ? ", then no more than chance" : "")}";
        return (information.Power, information.Exponential) is ({ } power, { } exponential)
            ? $"{text}; R² {power.Determination:0.00} as a power law, {exponential.Determination:0.00} as an exponential"
            : text;
    }

    private static Chart Figure(string name, LagInformation letters, LagInformation chain, LagInformation? words)
    {
        var floor = Math.Max(1e-9, Math.Max(letters.Floor, chain.Floor));
        return new()
        {
            Title = "How much a symbol tells of another further on",
            Subtitle = $"{name}; less what a shuffled text gives; dashed: four of its standard deviations",
            X = new LogAxis("lag (places)"),
            Y = new LogAxis("mutual information (bits)"),
            Series =
            [
                Line("letters", letters),
                Line("letters that a chain of neighbours writes", chain),
                new LineSeries("chance, letters", [(1, floor), (letters.Points[^1].Lag, floor)]) { IsDashed = true },
                .. words is null ? (Series[])[] : [Line("words", words), new LineSeries("chance, words", [(1, Math.Max(1e-9, words.Floor)), (words.Points[^1].Lag, Math.Max(1e-9, words.Floor))]) { IsDashed = true }],
            ],
        };

        static LineSeries Line(string name, LagInformation information) => new(name, [.. information.Told.Select(point => new ChartPoint(point.Lag, point.Bits))]);
    }

    private static void Write(
        Utf8JsonWriter json, SymbolSequence letters, (double Uniform, double Letters, double Chain) bits, double apart, (int Count, int Vocabulary) words,
        LagInformation ofLetters, LagInformation ofChain, LagInformation? ofWords, IEnumerable<Collocation> collocations)
    {
        json.WriteNumber("characters", letters.Symbols.Length);
        json.WriteNumber("different_characters", letters.Names.Count);
        json.WriteNumber("words", words.Count);
        json.WriteNumber("different_words", words.Vocabulary);
        json.Number("uniform_bits", bits.Uniform);
        json.Number("entropy_bits", bits.Letters);
        json.Number("entropy_rate_bits", bits.Chain);
        json.Number("stationary_distance", apart);
        Lags("letters", ofLetters);
        Lags("chain", ofChain);
        if (ofWords is not null) Lags("word_lags", ofWords);
        json.WriteStartArray("collocations");
        foreach (var pair in collocations)
        {
            json.WriteStartObject();
            json.WriteString("first", pair.First);
            json.WriteString("second", pair.Second);
            json.WriteNumber("count", pair.Count);
            json.Number("expected", pair.Expected);
            json.Number("pmi_bits", pair.Bits);
            json.Number("chi_square", pair.Test.Statistic);
            json.Number("p_value", pair.Test.PValue);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Lags(string name, LagInformation information)
        {
            json.WriteStartObject(name);
            json.Number("floor_bits", information.Floor);
            json.Number("power_exponent", information.Power?.Slope ?? double.NaN);
            json.Number("power_r2", information.Power?.Determination ?? double.NaN);
            json.Number("exponential_r2", information.Exponential?.Determination ?? double.NaN);
            json.WriteStartArray("points");
            foreach (var point in information.Points)
            {
                json.WriteStartObject();
                json.WriteNumber("lag", point.Lag);
                json.Number("bits", point.Bits);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private sealed class Progress(Screen screen, string what) : IProgress<int>
    {
        public void Report(int value) => screen.Transient(string.Create(CultureInfo.InvariantCulture, $"[dim]Mutual information of {what}: {value} lags[/]"));
    }
}
