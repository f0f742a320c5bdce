using System.Globalization;

namespace Stemma.Bench.NGrams;

/// <summary>
/// N-gram models beside KenLM's: estimating (text to ARPA file) and querying (a text's perplexity from a binary model), each a process
/// of its own, by turns; peak memory, perplexities, and how far the two ARPA files lie apart.
/// <c>ngram --kenlm FOLDER --data ptb.train.txt.gz --test ptb.test.txt --order 5</c>; <c>--data dotnet-docs</c> needs no test.
/// </summary>
internal static class NGramBench
{
    public static int Run(string[] args)
    {
        if (args is ["turn", ..]) return NGramTurn.Run(args[1..]);
        var options = new Options(args);
        var (data, test, binaries) = (options.Text("--data", "dotnet-docs"), options.Text("--test", ""), options.Text("--kenlm", ""));
        int order = options.Number("--order", 5), threads = options.Number("--threads", 2), rounds = options.Number("--rounds", 3), tokens = options.Number("--query-tokens", 4_000_000);
        var memory = options.Number("--memory-mb", 1000);
        options.RequireAllUsed();
        if (binaries.Length == 0) throw new ArgumentException("--kenlm names the folder of KenLM's lmplz, build_binary and query.");

        var folder = Directory.CreateTempSubdirectory("ngram-bench-").FullName;
        try
        {
            var texts = NGramTexts.Write(folder, data, test, tokens);
            Console.WriteLine($"{data}: {texts.TrainWords:N0} words, order {order}, {threads} threads, {memory} MB for sorting on either side, medians of {rounds} rounds");
            var kenlm = new Kenlm(binaries, folder);
            Estimate(kenlm, texts, folder, order, threads, rounds, memory);
            // In processes of their own: one that is started has its parent's memory among its peak.
            Console.Write($"ARPA     counts of counts as the paper has them: {NGramTurn.Output("difference", Path.Combine(folder, "ours.arpa"), Path.Combine(folder, "theirs.arpa"))}");
            NGramTurn.Start("estimate", texts.Train, Path.Combine(folder, "given.arpa"), $"{order}", $"{threads}", $"{memory}", "lmplz");
            Console.Write($"ARPA     counts of counts as lmplz has them: {NGramTurn.Output("difference", Path.Combine(folder, "given.arpa"), Path.Combine(folder, "theirs.arpa"))}");
            Bounded(kenlm, texts, folder, order, threads);
            Query(kenlm, texts, folder, order, threads, rounds, memory);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Estimate(Kenlm kenlm, NGramTexts texts, string folder, int order, int threads, int rounds, int memory)
    {
        var (ours, theirs) = (new List<Turn>(), new List<Turn>());
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(NGramTurn.Start("estimate", texts.Train, Path.Combine(folder, "ours.arpa"), $"{order}", $"{threads}", $"{memory}", "paper"));
            theirs.Add(kenlm.Estimate(texts.Train, Path.Combine(folder, "theirs.arpa"), order, memory));
        }
        Print("estimate", ours, theirs);
    }

    private static void Bounded(Kenlm kenlm, NGramTexts texts, string folder, int order, int threads)
    {
        const int MegaBytes = 200;
        var (bounded, whole) = (Path.Combine(folder, "bounded.arpa"), Path.Combine(folder, "ours.arpa"));
        var ours = NGramTurn.Start("estimate", texts.Train, bounded, $"{order}", $"{threads}", $"{MegaBytes}", "paper");
        var theirs = kenlm.Estimate(texts.Train, Path.Combine(folder, "theirs-bounded.arpa"), order, MegaBytes);
        var same = File.ReadAllBytes(bounded).AsSpan().SequenceEqual(File.ReadAllBytes(whole));
        Console.WriteLine($"{MegaBytes} MB    ours {ours.Seconds:F2} s, peak {ours.PeakBytes >> 20} MB; KenLM {theirs.Seconds:F2} s, peak {theirs.PeakBytes >> 20} MB; our ARPA file is {(same ? "the same to the byte" : "ANOTHER ONE")}");
    }

    private static void Query(Kenlm kenlm, NGramTexts texts, string folder, int order, int threads, int rounds, int memory)
    {
        var (binary, probing, trie) = (Path.Combine(folder, "ours.ngram"), Path.Combine(folder, "theirs.probing"), Path.Combine(folder, "theirs.trie"));
        NGramTurn.Start("binary", texts.Train, binary, $"{order}", $"{threads}", $"{memory}", "paper");
        kenlm.Build("probing", Path.Combine(folder, "theirs.arpa"), probing);
        kenlm.Build("trie", Path.Combine(folder, "theirs.arpa"), trie);
        var (ours, theirs) = (new List<Turn>(), new List<Turn>());
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(NGramTurn.Start("query", binary, texts.Queries));
            theirs.Add(kenlm.Query(probing, texts.Queries));
        }
        Print("query", ours, theirs);
        Console.WriteLine($"         {texts.QueryTokens:N0} tokens: ours {texts.QueryTokens / Median(ours):N0} a second, KenLM's probing tables {texts.QueryTokens / Median(theirs):N0}, one thread, whole processes");
        var (own, other) = (NGramTurn.Start("query", binary, texts.Test), kenlm.Query(probing, texts.Test));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"perplexity  with unknown words: ours {own.Perplexity:F4}, KenLM {other.Perplexity:F4}; without: ours {own.KnownPerplexity:F4}, KenLM {other.KnownPerplexity:F4}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"file        ours {Size(binary):F1} MB; KenLM probing {Size(probing):F1} MB, trie {Size(trie):F1} MB"));

        static double Size(string path) => new FileInfo(path).Length / 1e6;
    }

    private static void Print(string what, List<Turn> ours, List<Turn> theirs)
    {
        Console.WriteLine($"{what,-8} ours {string.Join(' ', ours.Select(turn => turn.Seconds.ToString("F2", CultureInfo.InvariantCulture)))} s; KenLM {string.Join(' ', theirs.Select(turn => turn.Seconds.ToString("F2", CultureInfo.InvariantCulture)))} s");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"         median {Median(ours):F2} s against {Median(theirs):F2} s, ratio {Median(theirs) / Median(ours):F2}; processor time {ours[^1].ProcessorSeconds:F2} s against {theirs[^1].ProcessorSeconds:F2} s; peak {ours.Max(turn => turn.PeakBytes) >> 20} MB against {theirs.Max(turn => turn.PeakBytes) >> 20} MB"));
    }

    private static double Median(List<Turn> turns)
    {
        var sorted = turns.Select(turn => turn.Seconds).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>What one process did.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="ProcessorSeconds">Of all its threads, user and system.</param>
/// <param name="PeakBytes">The most memory that was resident.</param>
internal sealed record Turn(double Seconds, double ProcessorSeconds, long PeakBytes)
{
    /// <summary>Of a queried text, unknown words included.</summary>
    public double Perplexity { get; init; }

    /// <summary>Of its known words alone.</summary>
    public double KnownPerplexity { get; init; }
}
