using System.Diagnostics;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Profiling;
using Stemma.Reporting;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Bench.Claims;

/// <summary>
/// Rows copied per token of a cache of keys and values that doubles, against one that grows by a row (Tarjan 1985, "Amortized
/// computational complexity"); and the time of a merge from the tokenizer's queue, against counting all pairs again.
/// </summary>
internal static class AmortisedClaim
{
    public static void Run(ClaimSheet sheet)
    {
        Cache(sheet);
        Merges(sheet);
    }

    private static void Cache(ClaimSheet sheet)
    {
        const int Tokens = 1 << 14, Heads = 6, Size = 64;
        ProfilingBackend? profile = null;
        var device = Device.CreateCpu(1).With(inner => profile = new(inner, ComputePrecision.Float32));
        Tensor key = ClaimSheet.Filled(device, 1, Heads, Size), value = ClaimSheet.Filled(device, 1, Heads, Size);
        using (var first = new SequenceCache(1, 1 << 20)) first.Append(0, key, value);    // compiles what is timed
        profile!.Costs.Clear();
        using var cache = new SequenceCache(1, 1 << 20);
        var (points, seconds) = (new List<ChartPoint>(), new Stopwatch());
        for (var n = 1; n <= Tokens; n++)
        {
            seconds.Start();
            using (Memory.Scope())
            {
                cache.Append(0, key, value);
                cache.Advance([0]);
            }
            seconds.Stop();
            // Each byte copied is read and written; a token brings a key and a value.
            if (n > 32 && n % 32 != 1) continue;
            var rows = profile.Costs.Values.Sum(cost => cost.Bytes) / (2.0 * 2 * Heads * Size * sizeof(float));
            points.Add((n, rows / n));
            if (n == 1 || double.Log2(n - 1) % 1 == 0) Console.WriteLine($"    cache: {n,6} tokens, {rows / n:F2} rows copied per token; {(n + 1) / 2.0:F1} if it grew by a row; {seconds.Elapsed.TotalMicroseconds / n:F2} µs per token so far");
        }
        sheet.Save("amortised-cache", new()
        {
            Title = "A cache that doubles copies at most three rows per token",
            Subtitle = "Rows of keys and values written so far, per token appended: its own, and those moved when the cache grows.",
            X = new LogAxis("tokens appended"),
            Y = new LogAxis("rows copied per token"),
            Series = [new LineSeries("doubling, counted", points), new LineSeries("growing by one row", [.. points.Select(p => new ChartPoint(p.X, (p.X + 1) / 2))]) { IsDashed = true }],
        });
    }

    private static void Merges(ClaimSheet sheet)
    {
        const int Merges = 8192, Window = 128;
        List<Series> series = [];
        foreach (var characters in (int[])[1_000_000, 8_000_000])
        {
            var words = new WordCounter<Gpt2Words>(1, 2L << 30, TrainerCost.Merges, _ => { }, CancellationToken.None).Count(Texts(characters));
            var pass = CountAllPairs(words);
            var learner = MergeLearner.OfBytes(words);
            var (points, total) = (new List<ChartPoint>(), Stopwatch.StartNew());
            while (learner.Merges.Count < Merges)
            {
                var watch = Stopwatch.StartNew();
                var before = learner.Merges.Count;
                while (learner.Merges.Count < before + Window && learner.TryMerge(2)) ;
                if (learner.Merges.Count == before) break;
                points.Add((learner.Merges.Count, watch.Elapsed.TotalMicroseconds / (learner.Merges.Count - before)));
            }
            var mean = total.Elapsed.TotalMicroseconds / learner.Merges.Count;
            Console.WriteLine($"    merges of {words.CharacterCount:N0} characters, {words.Words.Length:N0} different words: {mean:F0} µs each over {learner.Merges.Count:N0} merges, {points[^1].Y:F0} µs at the end; counting all pairs takes {pass * 1e6:N0} µs, {pass * 1e6 / mean:N0} times as long");
            series.Add(new LineSeries($"from the queue, {characters / 1_000_000} M characters", points));
            series.Add(new LineSeries("counting all pairs once, the same text", [.. points.Select(p => new ChartPoint(p.X, pass * 1e6))]) { IsDashed = true });
        }
        sheet.Save("amortised-merges", new()
        {
            Title = "A merge of the tokenizer touches only the words it changes",
            Subtitle = $"Time per merge, means of {Window}. The queue holds counts that may be too high; what comes up stale goes back corrected.",
            X = new LogAxis("merges learned"),
            Y = new LogAxis("time per merge (µs)"),
            Series = series,
        });
    }

    private static IEnumerable<string> Texts(int characters)
    {
        foreach (var document in new DotnetDocsCorpus().Documents())
        {
            yield return document.Text;
            if ((characters -= document.Text.Length) <= 0) yield break;
        }
    }

    /// <summary>Seconds of what each merge would cost without a queue: the best of three passes over the words' bytes.</summary>
    private static double CountAllPairs(WordCounts words)
    {
        var bytes = words.Words.Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        var best = double.PositiveInfinity;
        for (var round = 0; round < 3; round++)
        {
            var watch = Stopwatch.StartNew();
            var counts = new Dictionary<(int, int), long>();
            for (var word = 0; word < bytes.Length; word++)
                for (var i = 0; i + 1 < bytes[word].Length; i++)
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (bytes[word][i], bytes[word][i + 1]), out _) += words.Counts[word];
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return best;
    }
}
