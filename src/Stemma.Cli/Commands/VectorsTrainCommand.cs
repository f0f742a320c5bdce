using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Models.WordEmbeddings;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors train</c>: vectors of the words of a text.</summary>
internal static class VectorsTrainCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new WordVectorRun();
        var data = new Option<string>("--data") { Description = $"A file, a folder, a glob, - for standard input, or dotnet-docs. A line is a sentence. [default: {usual.Data}]", HelpName = "text", DefaultValueFactory = _ => usual.Data };
        var words = new Option<string>("--words") { Description = "plain (runs of letters and digits, in lower case) or spaced (what white space separates, as it is). [default: plain]", HelpName = "plain|spaced", DefaultValueFactory = _ => "plain" };
        words.AcceptOnlyFromAmong("plain", "spaced");
        var minCount = Options.Number("--min-count", "Words that appear less often are left out.", usual.MinCount, 1, int.MaxValue);
        var method = new VectorMethodOptions();
        var format = new Option<string>("--format") { Description = "binary or text, both word2vec's. [default: binary]", HelpName = "binary|text", DefaultValueFactory = _ => "binary" };
        format.AcceptOnlyFromAmong("binary", "text");
        var target = new Option<string>("--out") { Description = "Where to save the vectors. [default: runs/<data>-vectors-<number>]", HelpName = "folder" };
        var seed = Options.Number("--seed", "Decides what is drawn: the same seed gives the same bits, but with --hogwild.", usual.Seed, ulong.MinValue, ulong.MaxValue);
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("train", "Learn vectors of the words of a text.") { data, words, minCount };
        foreach (var option in method.All) command.Options.Add(option);
        foreach (var option in (Option[])[format, target, seed, lossy, json]) command.Options.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            var run = new WordVectorRun
            {
                Data = parsed.GetValue(data)!,
                Lossy = parsed.GetValue(lossy),
                Words = parsed.GetValue(words) == "spaced" ? new SpacedWords() : new PlainWords(),
                MinCount = parsed.GetValue(minCount),
                Model = method.Read(parsed),
                Seed = parsed.GetValue(seed),
            };
            var folder = parsed.GetValue(target) ?? RunFolder.NextFree("runs", $"{TrainOptions.NameOf(run.Data)}-vectors");
            return Task.Run(() => Run(context, run, folder, parsed.GetValue(format) == "text", parsed.GetValue(json), cancellation), CancellationToken.None);
        });
        return command;
    }

    private static int Run(CommandContext context, WordVectorRun run, string folder, bool asText, bool json, CancellationToken cancellation)
    {
        run.Validate();
        Corpus corpus = run.Data == "-" ? new StandardInputCorpus(context.OpenInput, run.Lossy) : Corpus.Open(run.Data, run.Lossy);
        var screen = context.Screen(json);
        var progress = new VectorProgress(screen);
        var watch = Stopwatch.StartNew();
        var made = WordVectorSession.Run(run, corpus, folder, asText, progress, cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        screen.ClearTransient();
        var vectors = made.Vectors;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", made.Path);
                writer.WriteNumber("vocab_size", vectors.Count);
                writer.WriteNumber("vector_size", vectors.Size);
                writer.WriteNumber("words", made.ReadCount);
                writer.WriteNumber("words_kept", made.WordCount);
                writer.WriteNumber("sentences", made.SentenceCount);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
                if (progress.WordsPerSecond > 0) writer.WriteNumber("words_per_second", Math.Round(progress.WordsPerSecond));
            });
            return ExitCode.Success;
        }
        Header("Corpus", $"{made.Corpus}: {Quantity.Of(made.ReadCount, "word")} in {Quantity.Of(made.SentenceCount, "line")}");
        Header("Words", $"{vectors.Count:N0} that appear {Quantity.Of(run.MinCount, "time")} or more, {Quantity.Percent((double)made.WordCount / made.ReadCount)} of the text");
        Header("Vectors", $"{run.Model}, in {seconds:0.0} s{(progress.WordsPerSecond > 0 ? $" at {Quantity.Rate(progress.WordsPerSecond, "words")}" : "")}");
        screen.Line();
        // Frequent words that say something: not the first, which are "the" and "of".
        var examples = Enumerable.Range(0, vectors.Count).Where(id => vectors.Words[id].Length > 3).Skip(40).Take(3).ToArray();
        foreach (var id in examples) screen.Line($"  {Markup.Escape(vectors.Words[id])}: [dim]{Markup.Escape(string.Join(", ", vectors.Neighbours(id, 6).Select(near => near.Word)))}[/]");
        var example = Markup.Escape(vectors.Words[examples.Length > 0 ? examples[0] : 0]);
        screen.Line($"Saved {Markup.Escape(folder)}. Try:");
        screen.Line($"  stemma vectors neighbours {Markup.Escape(folder)} {example}");
        screen.Line($"  stemma vectors convert {Markup.Escape(folder)} vectors.txt");
        return ExitCode.Success;

        void Header(string name, string text) => screen.Line($"[bold]{name,-9}[/] {Markup.Escape(text)}");
    }
}
