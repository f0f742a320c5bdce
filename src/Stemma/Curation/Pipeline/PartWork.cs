using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Stemma.Numerics.Formats;

namespace Stemma.Curation;

/// <summary>Takes the documents of one part through the steps of one pass.</summary>
/// <param name="Filters">The steps, with their numbers in the recipe.</param>
/// <param name="Notes">The global step that the next pass begins with; null after the last.</param>
/// <param name="InputCount">Inputs of the recipe.</param>
/// <param name="Seed">Chooses samples.</param>
internal sealed record PartWork(IReadOnlyList<(int Number, string Kind, DocumentFilter Filter)> Filters, GlobalFilter? Notes, int InputCount, ulong Seed)
{
    private const int SampleLength = 240;

    /// <summary>Told of every dropped document: the step's number, the document, the rule. From any thread.</summary>
    public Action<int, CuratedDocument, string>? Dropped { get; init; }

    /// <summary>The file beside a part that says it is whole.</summary>
    public static string ReportOf(string part) => part + ".json";

    /// <summary>The file beside a part that the next global step reads.</summary>
    public static string NotesOf(string part) => part + ".notes";

    /// <summary>Whether a part is whole.</summary>
    public static bool IsDone(string part) => File.Exists(ReportOf(part));

    /// <summary>Reads what is known of a part.</summary>
    public static PartReport Report(string part) => JsonSerializer.Deserialize(File.ReadAllText(ReportOf(part)), StemmaJson.Default.PartReport)!;

    /// <summary>Makes a part: notes first, then the documents, then the report.</summary>
    public void Run(IEnumerable<CuratedDocument> documents, string path, int part, PartReport begun, CancellationToken cancellation)
    {
        var tallies = new Tally[Filters.Count];
        for (var i = 0; i < tallies.Length; i++) tallies[i] = new() { Kind = Filters[i].Kind };
        var bytes = new long[InputCount];
        var count = 0L;
        var hash = "";
        WithNotes(path, notes => hash = DocumentFile.Write(path, write =>
        {
            foreach (var document in documents)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!Pass(document, tallies)) continue;
                write(document);
                if (notes is not null)
                {
                    document.Id = ((long)part << 32) | count;
                    Notes!.Note(document, notes);
                }

                bytes[document.Input] += document.ByteCount;
                count++;
            }
        }));
        var report = begun with { Sha256 = hash, Documents = count, Bytes = bytes, Steps = [.. tallies.Select(tally => tally.Report())], Seconds = [.. tallies.Select(tally => tally.Seconds)] };
        AtomicFile.WriteText(ReportOf(path), JsonSerializer.Serialize(report, StemmaJson.Default.PartReport) + "\n");
    }

    private void WithNotes(string path, Action<BinaryWriter?> work)
    {
        if (Notes is null)
        {
            work(null);
            return;
        }

        AtomicFile.Write(NotesOf(path), stream =>
        {
            // Flushed, not disposed: the stream is not ours.
            var buffered = new BufferedStream(stream, 1 << 16);
            using var writer = new BinaryWriter(buffered, Encoding.UTF8, leaveOpen: true);
            work(writer);
            writer.Flush();
        });
    }

    private bool Pass(CuratedDocument document, Tally[] tallies)
    {
        for (var i = 0; i < tallies.Length; i++)
        {
            var (tally, before, started) = (tallies[i], document.Text, Stopwatch.GetTimestamp());
            tally.DocumentsIn++;
            tally.BytesIn += document.ByteCount;
            var rule = Filters[i].Filter.Apply(document, tally.Counts);
            tally.Ticks += Stopwatch.GetTimestamp() - started;
            if (rule is not null)
            {
                Dropped?.Invoke(Filters[i].Number, document, rule);
                tally.Drop(document, before, rule, Seed + (ulong)Filters[i].Number);
                return false;
            }

            if (!ReferenceEquals(before, document.Text) && before != document.Text)
            {
                tally.Changed++;
                document.ChangedBy |= 1U << Filters[i].Number;
            }

            tally.DocumentsOut++;
            tally.BytesOut += document.ByteCount;
        }

        return true;
    }

    private sealed class Tally
    {
        private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
        private readonly List<DroppedSample> _samples = [];

        public string Kind { get; init; } = "";

        public RuleCounts Counts { get; } = new();

        public long DocumentsIn, BytesIn, DocumentsOut, BytesOut, Changed, Ticks;

        public double Seconds => (double)Ticks / Stopwatch.Frequency;

        public void Drop(CuratedDocument document, string text, string rule, ulong seed)
        {
            _dropped[rule] = _dropped.GetValueOrDefault(rule) + 1;
            var key = Identity.Of(document, seed);
            if (_samples.Count == StepReport.SampleCount && key >= _samples[^1].Key) return;
            var length = Math.Min(SampleLength, text.Length);
            if (length > 0 && char.IsHighSurrogate(text[length - 1])) length--;
            _samples.Add(new() { Key = key, Name = document.Name, File = document.File, Position = document.Position, Rule = rule, Text = text[..length] });
            _samples.Sort((a, b) => a.Key.CompareTo(b.Key));
            if (_samples.Count > StepReport.SampleCount) _samples.RemoveAt(StepReport.SampleCount);
        }

        public StepReport Report() => new()
        {
            Kind = Kind,
            DocumentsIn = DocumentsIn,
            BytesIn = BytesIn,
            DocumentsOut = DocumentsOut,
            BytesOut = BytesOut,
            Changed = Changed,
            Dropped = _dropped,
            Counts = Counts.Counts,
            Samples = _samples,
        };
    }
}

/// <summary>A number that is a document's own, whatever happens to the others.</summary>
internal static class Identity
{
    public static ulong Of(CuratedDocument document, ulong seed)
    {
        var hash = Words.Mix(seed ^ 0x9E3779B97F4A7C15);
        foreach (var letter in document.File) hash = (hash ^ letter) * 1099511628211UL;
        foreach (var letter in document.Name) hash = (hash ^ letter) * 1099511628211UL;
        return Words.Mix(Words.Mix(hash + (ulong)document.Position) + (ulong)document.Input);
    }
}
