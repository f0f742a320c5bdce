using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Models.WordEmbeddings.Formats;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;

namespace Stemma.Bench;

/// <summary>
/// Words a second of word2vec beside the original program, by turns, on the same words with the same settings:
/// <c>word2vec --data dotnet-docs,botchan.txt --peer path/to/word2vec --threads 1,2</c>. <c>--out FOLDER</c> keeps both files of vectors.
/// </summary>
internal static partial class Word2VecBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (data, peer, output) = (options.Text("--data", "dotnet-docs"), options.Text("--peer", ""), options.Text("--out", ""));
        var (rounds, minCount) = (options.Number("--rounds", 3), options.Number("--min-count", 5));
        int[] threads = [.. options.Text("--threads", "1,2").Split(',').Select(int.Parse)];
        var config = new Word2VecConfig
        {
            Architecture = options.Switch("--cbow") ? new Cbow() : new SkipGram(),
            Objective = options.Switch("--hierarchical-softmax") ? new HierarchicalSoftmax() : new NegativeSampling { Count = options.Number("--negative", 5) },
            VectorSize = options.Number("--size", 100),
            Window = options.Number("--window", 5),
            Passes = options.Number("--passes", 1),
            Subsample = double.Parse(options.Text("--sample", "1e-4"), CultureInfo.InvariantCulture),
        };
        options.RequireAllUsed();
        var folder = Directory.CreateTempSubdirectory("stemma-");
        try
        {
            var text = Path.Combine(folder.FullName, "text.txt");
            WriteText(data, minCount, text);
            // Both read the same file, so that both know the same words.
            var corpus = WordCorpus.Read(new TextFileCorpus(text).Documents(), new SpacedWords(), minCount);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{data}: {corpus.WordCount:N0} words in {corpus.SentenceCount:N0} lines, {corpus.Vocabulary.Count:N0} different; {config}, sample {config.Subsample}"));
            foreach (var count in threads)
            {
                var (ours, theirs) = (new List<double>(), new List<double>());
                for (var round = 1; round <= rounds; round++)
                {
                    ours.Add(Ours(corpus, config, count, Path.Combine(folder.FullName, $"stemma-{count}.bin")));
                    if (peer.Length > 0) theirs.Add(Peer(peer, text, config, minCount, count, corpus.WordCount, Path.Combine(folder.FullName, $"original-{count}.bin")));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threads {count}, round {round}: {ours[^1]:N0} words/s{(theirs.Count > 0 ? $", original {theirs[^1]:N0}, ratio {ours[^1] / theirs[^1]:F2}" : "")}"));
                }
                if (theirs.Count > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threads {count}: medians {Interleaved.Median(ours):N0} and {Interleaved.Median(theirs):N0} words/s, ratio {Interleaved.Median(ours) / Interleaved.Median(theirs):F2}"));
            }
            if (output.Length > 0)
            {
                Directory.CreateDirectory(output);
                foreach (var file in folder.EnumerateFiles()) file.CopyTo(Path.Combine(output, file.Name), overwrite: true);
            }
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void WriteText(string data, int minCount, string path)
    {
        var documents = data.Split(',').SelectMany(source => Corpus.Open(source).Documents());
        using var writer = new StreamWriter(path, false, new UTF8Encoding(false));
        WordCorpus.Read(documents, new PlainWords(), minCount).WriteText(writer);
    }

    private static double Ours(WordCorpus corpus, Word2VecConfig config, int threads, string file)
    {
        var speed = new Speed();
        WordVectorBinary.Write(file, (config with { Trainer = threads == 1 ? new SequentialTrainer() : new HogwildTrainer { ThreadCount = threads } }).Train(corpus, progress: speed));
        return speed.Last;
    }

    /// <summary>Words a second of the original between its first and its last report: reading the vocabulary and building tables is not counted, as it is not for ours.</summary>
    private static double Peer(string program, string text, Word2VecConfig config, int minCount, int threads, long words, string file)
    {
        string[] arguments =
        [
            "-train", text, "-output", file, "-binary", "1", "-size", $"{config.VectorSize}", "-window", $"{config.Window}", "-cbow", config.Architecture is Cbow ? "1" : "0",
            "-hs", config.Objective is HierarchicalSoftmax ? "1" : "0", "-negative", config.Objective is NegativeSampling sampling ? $"{sampling.Count}" : "0",
            "-sample", config.Subsample.ToString(CultureInfo.InvariantCulture), "-iter", $"{config.Passes}", "-min-count", $"{minCount}", "-threads", $"{threads}",
        ];
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var (buffer, tail) = (new char[4096], "");
        (double Share, long Time)? first = null, last = null;
        for (int count; (count = process.StandardOutput.Read(buffer)) > 0;)
        {
            tail = tail[Math.Max(0, tail.Length - 200)..] + new string(buffer, 0, count);
            if (Progress().Matches(tail).LastOrDefault() is not { } report) continue;
            last = (double.Parse(report.Groups[1].Value, CultureInfo.InvariantCulture) / 100, Stopwatch.GetTimestamp());
            first ??= last;
        }
        process.WaitForExit();
        if (process.ExitCode != 0 || first is null || last is null || last.Value.Share <= first.Value.Share) throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode} and told no progress.");
        return (last.Value.Share - first.Value.Share) * words * config.Passes / Stopwatch.GetElapsedTime(first.Value.Time, last.Value.Time).TotalSeconds;
    }

    [GeneratedRegex(@"Progress: ([0-9.]+)%  Words")]
    private static partial Regex Progress();

    private sealed class Speed : IProgress<WordVectorProgress>
    {
        public double Last { get; private set; }

        public void Report(WordVectorProgress value) => Last = value.WordsPerSecond;
    }
}
