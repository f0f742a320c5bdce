using System.Diagnostics;
using System.Globalization;
using Stemma.Models.NGram;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Bench.NGrams;

/// <summary>One piece of our work in a process of its own, so that start-up, compilation and memory count.</summary>
internal static class NGramTurn
{
    private const int LinesPerPiece = 1024;

    /// <summary>Starts the process and reads what it measured.</summary>
    public static Turn Start(params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        var output = Output(arguments);
        var seconds = watch.Elapsed.TotalSeconds;
        double[] numbers = [.. output.Trim().Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new(seconds, numbers[0], (long)numbers[1]) { Perplexity = numbers[2], KnownPerplexity = numbers[3] };
    }

    /// <summary>What the process prints.</summary>
    public static string Output(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Host(), "ngram", "turn", .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"A turn of ours ended with exit code {process.ExitCode}.");
    }

    /// <summary>The process itself: <c>estimate|binary TEXT FILE ORDER THREADS MEGABYTES paper|lmplz</c>, <c>query MODEL TEXT</c> or <c>difference ARPA ARPA</c>.</summary>
    public static int Run(string[] args)
    {
        var (perplexity, known) = (0.0, 0.0);
        switch (args)
        {
            case ["estimate" or "binary", var text, var file, var order, var threads, var memory, var method]:
                Estimate(args[0], text, file, int.Parse(order), int.Parse(threads), long.Parse(memory) << 20, method == "lmplz" ? new LmplzKneserNey() : new ModifiedKneserNey());
                break;
            case ["difference", var first, var second]:
                var (count, missing, above, probability, backoff) = ArpaDifference.Between(first, second);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{above:N0} of {count:N0} n-grams differ by more than 1e-5, at most {probability:E1} (back-off weights {backoff:E1}); {missing:N0} in one file alone"));
                return 0;
            case ["query", var model, var text]:
                (perplexity, known) = Query(model, text);
                break;
            default:
                throw new ArgumentException("No such turn.");
        }
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{self.TotalProcessorTime.TotalSeconds} {self.PeakWorkingSet64} {perplexity:R} {known:R}"));
        return 0;
    }

    private static void Estimate(string kind, string text, string file, int order, int threads, long memory, Smoothing smoothing)
    {
        var trace = Environment.GetEnvironmentVariable("NGRAM_TRACE") is null ? null : new Trace();
        var trainer = new NGramTrainer { Model = new() { Order = order, Smoothing = smoothing }, MemoryBytes = memory, ThreadCount = threads, Progress = trace };
        using var table = trainer.TrainWords(Pieces(text).Select(piece => new Document("text", piece))).Table;
        if (kind == "estimate") ArpaFile.Write(file, table, trace);
        else NGramFile.Write(file, table);
    }

    private static (double Perplexity, double Known) Query(string path, string text)
    {
        using var model = NGramModel.Open(path);
        var vocabulary = model.Vocabulary;
        var words = WordTokenizer.Create(Enumerable.Range(WordTokenizer.EndId + 1, vocabulary.Count - WordTokenizer.EndId - 1).Select(id => vocabulary[id]));
        var (ids, scores) = (new List<int>(), Array.Empty<double>());
        var (total, unknown, tokens, unknownTokens) = (0.0, 0.0, 0L, 0L);
        using var state = model.Start();
        foreach (var piece in Blocks(text))
        {
            ids.Clear();
            words.Encode(piece.Span, ids);
            if (scores.Length < ids.Count) scores = new double[ids.Count];
            var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids);
            model.Score(state, span, scores);
            for (var i = 0; i < span.Length; i++)
            {
                total -= scores[i];
                if (span[i] != WordTokenizer.UnknownId) continue;
                unknown -= scores[i];
                unknownTokens++;
            }
            tokens += ids.Count;
        }
        return (Math.Exp(total / tokens), Math.Exp((total - unknown) / (tokens - unknownTokens)));
    }

    // Whole lines, a few at a time: the text need not fit into memory.
    private static IEnumerable<string> Pieces(string path)
    {
        foreach (var lines in File.ReadLines(path).Chunk(LinesPerPiece)) yield return string.Concat(lines.Select(line => line + "\n"));
    }

    // The same without strings: blocks of characters that end with a line.
    private static IEnumerable<ReadOnlyMemory<char>> Blocks(string path)
    {
        using var reader = new StreamReader(path, System.Text.Encoding.UTF8, false, 1 << 16);
        var buffer = new char[1 << 16];
        for (var filled = 0; ;)
        {
            var read = reader.ReadBlock(buffer, filled, buffer.Length - filled);
            filled += read;
            if (filled == 0) yield break;
            var end = read == 0 ? filled : Array.LastIndexOf(buffer, '\n', filled - 1) + 1;
            if (end == 0)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
                continue;
            }
            yield return buffer.AsMemory(0, end);
            buffer.AsSpan(end, filled - end).CopyTo(buffer);
            filled -= end;
        }
    }

    // `dotnet Stemma.Bench.dll` has the host as its process.
    private static string[] Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(NGramTurn).Assembly.Location] : [];

    private sealed class Trace : IProgress<NGramProgress>
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public void Report(NGramProgress value) => Console.Error.WriteLine($"{_watch.ElapsedMilliseconds,6} ms {value.Stage} {value.Fraction:F2}");
    }
}
