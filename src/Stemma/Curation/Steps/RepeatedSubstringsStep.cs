using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Serialization;

namespace Stemma.Curation;

/// <summary>
/// Removes passages that stood before, in the same document or an earlier one (Lee et al. 2022, "Deduplicating training data makes
/// language models better"). Runs of words are compared by fingerprints, of which the least of every few neighbours are kept (winnowing,
/// Schleimer, Wilkerson, Aiken 2003): a passage as long as a run and those neighbours is found for certain, and at most that few words of
/// its edges stay.
/// </summary>
public sealed record RepeatedSubstringsStep : GlobalStep
{
    /// <summary>Neighbours of which one fingerprint is kept.</summary>
    private const int Neighbours = 8;

    /// <summary>The shortest passage.</summary>
    public int Words { get; init; } = 50;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "repeated_substrings";

    internal override void Validate(string field)
    {
        if (Words is < 10 or > 1000) throw new ConfigurationException($"{field}.words is {Words}; it lies from 10 to 1,000.");
    }

    internal override GlobalFilter Build() => new Filter(Words);

    private sealed class Filter(int length) : GlobalFilter
    {
        private const int RecordSize = 24;

        public override void Note(CuratedDocument document, BinaryWriter notes)
        {
            List<Curation.Words.Word> words = [];
            Curation.Words.Of(document.Text, words);
            var hashes = WordRuns.Hashes(words, length);
            var last = -1;
            for (var i = 0; i < hashes.Length; i++)
            {
                if (i + Neighbours > hashes.Length && i > 0) break;
                // The last of the least: runs that repeat at once are kept apart.
                var least = i;
                for (var j = i + 1; j < Math.Min(i + Neighbours, hashes.Length); j++)
                    if (hashes[j] <= hashes[least]) least = j;
                if (least == last) continue;
                last = least;
                notes.Write(hashes[least]);
                notes.Write(document.Id);
                notes.Write((long)least);
            }
        }

        public override void Decide(IReadOnlyList<string> notes, Stream decision, DecideOptions options, CancellationToken cancellation)
        {
            var total = notes.Sum(note => new FileInfo(note).Length / RecordSize);
            var groups = (uint)Math.Clamp(total * 2 * RecordSize / Math.Max(1, options.MemoryBytes) + 1, 1, 1 << 16);
            var record = new byte[RecordSize];
            for (var group = 0U; group < groups; group++)
            {
                List<(ulong Hash, long Id, long Word)> entries = [];
                foreach (var note in notes)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using var stream = new FileStream(note, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
                    while (stream.ReadAtLeast(record, RecordSize, throwOnEndOfStream: false) == RecordSize)
                    {
                        var hash = BinaryPrimitives.ReadUInt64LittleEndian(record);
                        if (Math.BigMul((uint)(hash >> 32), groups) >> 32 == group)
                            entries.Add((hash, BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(16))));
                    }
                }

                entries.Sort();
                for (var i = 0; i + 1 < entries.Count; i++)
                {
                    if (entries[i].Hash != entries[i + 1].Hash || i > 0 && entries[i - 1].Hash == entries[i].Hash) continue;
                    BinaryPrimitives.WriteUInt64LittleEndian(record, entries[i].Hash);
                    BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), entries[i].Id);
                    BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(16), entries[i].Word);
                    decision.Write(record);
                }
            }
        }

        public override DocumentFilter Open(string decision)
        {
            var bytes = File.ReadAllBytes(decision);
            var firsts = new Dictionary<ulong, (long Id, long Word)>(bytes.Length / RecordSize);
            for (var at = 0; at + RecordSize <= bytes.Length; at += RecordSize)
            {
                firsts[BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at))] =
                    (BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 8)), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 16)));
            }

            return new Remover(firsts, length);
        }
    }

    private sealed class Remover(Dictionary<ulong, (long Id, long Word)> firsts, int length) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            if (firsts.Count == 0) return null;
            List<Curation.Words.Word> words = [];
            Curation.Words.Of(document.Text, words);
            var hashes = WordRuns.Hashes(words, length);
            StringBuilder? kept = null;
            var (copied, text) = (0, document.Text);
            for (var i = 0; i < hashes.Length; i++)
            {
                if (!IsRepeated(i)) continue;
                var end = i + length;
                for (var next = i + 1; next < hashes.Length && next <= end; next++)
                    if (IsRepeated(next)) end = next + length;
                kept ??= new StringBuilder(text.Length);
                kept.Append(text, copied, words[i].Start - copied);
                copied = words[end - 1].End;
                counts.Add("passages");
                counts.Add("words of passages", end - i);
                i = end - 1;
            }

            if (kept is null) return null;
            document.Text = kept.Append(text, copied, text.Length - copied).ToString().Trim();
            Curation.Words.Of(document.Text, words);
            return words.Count == 0 ? "nothing that did not stand before" : null;

            bool IsRepeated(int i) => firsts.TryGetValue(hashes[i], out var first) && (first.Id != document.Id || first.Word != i);
        }
    }
}
