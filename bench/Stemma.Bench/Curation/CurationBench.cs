using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Stemma.Curation;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Bench.Curation;

/// <summary>
/// `curation`: a stream of JSON Lines that never was a file, made as it is read, goes through the steps that judge a document by itself and
/// through the notes of near duplicates. Shows MB/s of each, and that the memory does not grow.
/// </summary>
internal static class CurationBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        int megabytes = options.Number("--megabytes", 5000), threads = options.Number("--threads", 2);
        var rules = options.Text("--rules", "gopher_word_length,gopher_symbols,gopher_stop_words");
        options.RequireAllUsed();

        LocalStep[] steps = [new NormalizeStep(), new QualityStep { Rules = rules.Split(',') }, new PersonalDataStep()];
        var filters = steps.Select(step => step.Build("")).ToArray();
        var notes = new NearDuplicatesStep().Build();
        var (ticks, bytes) = (new long[filters.Length + 1], new long[filters.Length + 1]);
        var (kept, next, watch) = (0L, 0L, Stopwatch.StartNew());
        using var stream = new SyntheticStream(megabytes * 1_000_000L, 1);
        var documents = new JsonLinesReader(["text"]).Read(stream, "stream", ReadLimits.Usual, new());
        Console.WriteLine("  read MB   seconds  process MB  managed heap MB  documents kept");
        Parallel.ForEach(Partitioner.Create(documents.Chunk(256), EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = threads }, chunk =>
        {
            using var nowhere = new BinaryWriter(Stream.Null);
            foreach (var raw in chunk)
            {
                var document = new CuratedDocument { Text = raw.Text, Name = raw.Name, Position = raw.Position };
                var dropped = false;
                for (var i = 0; i < filters.Length && !dropped; i++) dropped = Timed(i, document, () => filters[i].Apply(document, new()) is not null);
                if (dropped) continue;
                Timed(filters.Length, document, () =>
                {
                    notes.Note(document, nowhere);
                    return true;
                });
                Interlocked.Increment(ref kept);
            }

            lock (stream) Show(chunk[^1].Position);
        });

        string[] names = [.. steps.Select(step => step.Kind), "notes of near_duplicates"];
        foreach (var (i, name) in names.Index())
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-26} {bytes[i] / 1e6 / (ticks[i] / (double)Stopwatch.Frequency),8:0.0} MB/s on one core"));
        return 0;

        bool Timed(int step, CuratedDocument document, Func<bool> work)
        {
            Interlocked.Add(ref bytes[step], document.ByteCount);
            var started = Stopwatch.GetTimestamp();
            var result = work();
            Interlocked.Add(ref ticks[step], Stopwatch.GetTimestamp() - started);
            return result;
        }

        void Show(long read)
        {
            if (read < next) return;
            next = Math.Min(Math.Max(2 * read, 4_000_000), read + megabytes * 100_000L);
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read / 1e6,9:0} {watch.Elapsed.TotalSeconds,9:0.0} {process.WorkingSet64 / 1e6,11:0.0} {GC.GetTotalMemory(false) / 1e6,16:0.0} {Interlocked.Read(ref kept),15:N0}"));
        }
    }
}
