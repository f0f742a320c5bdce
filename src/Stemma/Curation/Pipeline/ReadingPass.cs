using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>The first pass: reads the inputs into parts, one reader before as many workers as there are threads.</summary>
/// <param name="Files">All files of all inputs, with the input's number.</param>
/// <param name="TakesHtml">Whether a step turns HTML into text.</param>
/// <param name="PartBytes">Text of a part.</param>
/// <param name="InputCount">Inputs of the recipe.</param>
internal sealed record ReadingPass(IReadOnlyList<(int Input, InputFile File)> Files, bool TakesHtml, long PartBytes, int InputCount)
{
    /// <summary>Documents that belong together, and where reading goes on after them.</summary>
    public sealed record Batch(int Part, List<CuratedDocument> Documents, PartReport Begun);

    /// <summary>Makes the parts that are not there yet.</summary>
    /// <param name="pathOf">Where a part is.</param>
    /// <param name="work">The steps.</param>
    /// <param name="threads">Workers.</param>
    /// <param name="progress">Told how many parts there are.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The number of parts.</returns>
    public int Run(Func<int, string> pathOf, PartWork work, int threads, IProgress<CurationProgress>? progress, CancellationToken cancellation)
    {
        // The parts before the first missing one say where reading goes on; those after it are found whole again.
        var (part, file, document) = (0, 0, 0L);
        for (; PartWork.IsDone(pathOf(part)); part++)
        {
            var report = PartWork.Report(pathOf(part));
            (file, document) = (report.NextFile, report.NextDocument);
        }

        var parts = part;
        var batches = Partitioner.Create(Batches(part, file, document), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(batches, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, batch =>
        {
            if (!PartWork.IsDone(pathOf(batch.Part))) work.Run(batch.Documents, pathOf(batch.Part), batch.Part, batch.Begun, cancellation);
            var done = Interlocked.Increment(ref parts);
            progress?.Report(new("Reading", double.NaN, done));
        });
        return parts;
    }

    /// <summary>The inputs from some place on, as parts.</summary>
    internal IEnumerable<Batch> Batches(int part, int firstFile, long firstDocument)
    {
        List<CuratedDocument> documents = [];
        var (bytes, started, seconds) = (0L, Stopwatch.GetTimestamp(), 0.0);
        var reading = new ReadingReport?[InputCount];
        for (var number = firstFile; number < Files.Count; number++)
        {
            var (input, file) = Files[number];
            var passed = number == firstFile ? firstDocument : 0;
            var log = new ReadLog();
            var (count, broken, passedOver, told) = (0L, 0L, 0L, 0);
            foreach (var raw in file.Read(log))
            {
                count++;
                if (count <= passed)
                {
                    // What was met before belongs to the parts before.
                    (broken, passedOver, told) = (log.BrokenCount, log.PassedOverCount, log.Problems.Count);
                    continue;
                }

                Note(input);
                if (raw.Markup == Markup.Html && !TakesHtml)
                {
                    log.Skip(file.Name, raw.Position, "it is HTML, and no step of the recipe turns that into text");
                    continue;
                }

                var length = Encoding.UTF8.GetByteCount(raw.Text);
                documents.Add(new() { Input = input, File = file.Name, Name = raw.Name, Position = raw.Position, Markup = raw.Markup, Text = raw.Text });
                bytes += length;
                reading[input] = reading[input]!.Plus(new() { Documents = 1, Bytes = length });
                if (bytes < PartBytes) continue;
                yield return Take(part++, number, count);
                (documents, bytes, started) = ([], 0, Stopwatch.GetTimestamp());
                Array.Clear(reading);
            }

            Note(input);

            void Note(int of)
            {
                reading[of] ??= new() { Input = of };
                if (log.BrokenCount == broken && log.PassedOverCount == passedOver) return;
                reading[of] = reading[of]!.Plus(new() { Broken = log.BrokenCount - broken, PassedOver = log.PassedOverCount - passedOver, Problems = [.. log.Problems.Skip(told)] });
                (broken, passedOver, told) = (log.BrokenCount, log.PassedOverCount, log.Problems.Count);
            }
        }

        if (documents.Count > 0 || reading.Any(report => report is { Broken: > 0 } or { PassedOver: > 0 })) yield return Take(part, Files.Count, 0);

        Batch Take(int number, int nextFile, long nextDocument)
        {
            seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new(number, documents, new() { NextFile = nextFile, NextDocument = nextDocument, Reading = [.. reading.OfType<ReadingReport>()], ReadingSeconds = seconds });
        }
    }
}
