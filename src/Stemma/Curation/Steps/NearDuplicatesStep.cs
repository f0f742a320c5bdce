using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Stemma.Curation;

/// <summary>
/// Of documents that are nearly the same the first stays. Documents are compared by the Jaccard similarity of their sets of runs of
/// words, estimated from minima of random hash functions (Broder 1997, "On the resemblance and containment of documents"): two sets
/// have the same minimum with a probability that is their similarity. Bands of several minima find the pairs worth comparing (Indyk and
/// Motwani 1998), the share of equal minima decides, and what is joined by pairs forms a group.
/// </summary>
public sealed record NearDuplicatesStep : GlobalStep
{
    /// <summary>The least similarity, estimated, of a pair.</summary>
    public double Similarity { get; init; } = 0.66;

    /// <summary>Words of a run.</summary>
    public int Words { get; init; } = 5;

    /// <summary>Bands; a pair is looked at when all minima of one band agree.</summary>
    public int Bands { get; init; } = 40;

    /// <summary>Minima of a band.</summary>
    public int Rows { get; init; } = 6;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "near_duplicates";

    /// <summary>The probability that two documents of a given similarity are looked at: 1 − (1 − sʳ)ᵇ.</summary>
    public double CollisionProbability(double similarity) => 1 - Math.Pow(1 - Math.Pow(similarity, Rows), Bands);

    /// <summary>The probability that they are also found similar: that is the share of equal minima, which is binomial.</summary>
    public double ReportProbability(double similarity)
    {
        var (count, least) = (Bands * Rows, (int)Math.Ceiling(Similarity * Bands * Rows));
        var (tail, term) = (0.0, 0.0);
        for (var k = 0; k <= count; k++)
        {
            term += k == 0 ? 0 : Math.Log(count - k + 1.0) - Math.Log(k);
            if (k >= least) tail += Math.Exp(term + k * Math.Log(Math.Max(similarity, 1e-300)) + (count - k) * Math.Log(Math.Max(1 - similarity, 1e-300)));
        }

        return Math.Min(1, tail) * CollisionProbability(similarity);
    }

    internal override void Validate(string field)
    {
        if (Similarity is not (> 0 and <= 1)) throw new ConfigurationException($"{field}.similarity is {Similarity}; it lies above 0 and at most at 1.");
        if (Words is < 1 or > 64) throw new ConfigurationException($"{field}.words is {Words}; it lies from 1 to 64.");
        if (Bands < 1 || Rows < 1 || (long)Bands * Rows > 1024) throw new ConfigurationException($"{field} has {Bands} bands of {Rows} rows; both are at least 1, and their product at most 1,024.");
        if (CollisionProbability(Similarity) < 0.5)
            throw new ConfigurationException($"{field} wants pairs of similarity {Similarity}, but {Bands} bands of {Rows} rows find only {CollisionProbability(Similarity):P0} of those. Use more bands or fewer rows.");
    }

    internal override GlobalFilter Build() => new Filter(this);

    private sealed class Filter(NearDuplicatesStep step) : GlobalFilter
    {
        // Below this many documents of one key all are compared with each other; beyond it with this many.
        private const int MostCompared = 16;

        private readonly MinHash _hash = new(step.Bands * step.Rows, step.Words);

        private int RecordSize => step.Bands * step.Rows * sizeof(uint);

        public override void Note(CuratedDocument document, BinaryWriter notes)
        {
            var minima = new uint[step.Bands * step.Rows];
            _hash.Minima(document.Text, minima);
            foreach (var minimum in minima) notes.Write(minimum);
        }

        public override void Decide(IReadOnlyList<string> notes, Stream decision, DecideOptions options, CancellationToken cancellation)
        {
            var starts = new long[notes.Count + 1];
            for (var part = 0; part < notes.Count; part++) starts[part + 1] = starts[part] + new FileInfo(notes[part]).Length / RecordSize;
            var sets = new DisjointSets(checked((int)starts[^1]));
            using var signatures = new Signatures(notes, RecordSize);
            foreach (var group in Bands(notes, options.MemoryBytes, cancellation)) Join(group, starts, sets, signatures);

            List<(long, long)> dropped = [];
            for (var part = 0; part < notes.Count; part++)
                for (var i = starts[part]; i < starts[part + 1]; i++)
                    if (sets.Find((int)i) is var first && first != i) dropped.Add((((long)part << 32) | (i - starts[part]), IdOf(first)));
            DropList.Write(decision, dropped);

            long IdOf(int index)
            {
                var part = Array.BinarySearch(starts, index);
                part = part >= 0 ? part : ~part - 1;
                // Parts without documents begin where the next one does.
                while (starts[part + 1] <= index) part++;
                return ((long)part << 32) | (index - starts[part]);
            }
        }

        public override DocumentFilter Open(string decision) => DropList.Open(decision, "near duplicate");

        private void Join(List<BandEntry> entries, long[] starts, DisjointSets sets, Signatures signatures)
        {
            for (var start = 0; start < entries.Count;)
            {
                var end = start + 1;
                while (end < entries.Count && entries[end].Key == entries[start].Key) end++;
                // Those no earlier one is like; the first of each group stands for it.
                List<long> apart = [entries[start].Id];
                for (var i = start + 1; i < end; i++)
                {
                    var found = false;
                    foreach (var other in apart)
                    {
                        var (a, b) = (Index(other), Index(entries[i].Id));
                        if (sets.Find(a) != sets.Find(b) && signatures.Equal(other, entries[i].Id) < step.Similarity * step.Bands * step.Rows) continue;
                        sets.Join(a, b);
                        found = true;
                        break;
                    }

                    if (!found && apart.Count < MostCompared) apart.Add(entries[i].Id);
                }

                start = end;
            }

            int Index(long id) => (int)(starts[id >> 32] + (uint)id);
        }

        /// <summary>The keys of every band, sorted: of as many bands at a time as the memory has room for, or of a part of one.</summary>
        private IEnumerable<List<BandEntry>> Bands(IReadOnlyList<string> notes, long memoryBytes, CancellationToken cancellation)
        {
            // A list that grows holds its entries twice.
            var bandBytes = Math.Max(1, notes.Sum(note => new FileInfo(note).Length / RecordSize) * 2 * 16);
            var atOnce = (int)Math.Clamp(memoryBytes / bandBytes, 1, step.Bands);
            var groups = (uint)Math.Clamp(bandBytes / Math.Max(1, memoryBytes) + 1, 1, 1 << 16);
            var record = new byte[RecordSize];
            for (var first = 0; first < step.Bands; first += atOnce)
            {
                var bands = Math.Min(atOnce, step.Bands - first);
                for (var group = 0U; group < groups; group++)
                {
                    var entries = Enumerable.Range(0, bands).Select(_ => new List<BandEntry>()).ToArray();
                    for (var part = 0; part < notes.Count; part++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        using var file = new FileStream(notes[part], FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 18, FileOptions.SequentialScan);
                        var count = file.Length / RecordSize;
                        for (var i = 0L; i < count; i++)
                        {
                            file.ReadExactly(record);
                            // A text without a run has no minima and is like nothing.
                            if (BinaryPrimitives.ReadUInt32LittleEndian(record) == uint.MaxValue) continue;
                            for (var band = 0; band < bands; band++)
                            {
                                var key = Key(record, first + band);
                                if (Math.BigMul((uint)(key >> 32), groups) >> 32 == group) entries[band].Add(new(key, ((long)part << 32) | i));
                            }
                        }
                    }

                    foreach (var band in entries)
                    {
                        band.Sort();
                        yield return band;
                        band.Clear();
                        band.TrimExcess();
                    }
                }
            }
        }

        private ulong Key(ReadOnlySpan<byte> record, int band)
        {
            var key = (ulong)band;
            for (var row = 0; row < step.Rows; row++) key = Curation.Words.Mix(key + BinaryPrimitives.ReadUInt32LittleEndian(record[((band * step.Rows + row) * sizeof(uint))..]));
            return key;
        }
    }

    private readonly record struct BandEntry(ulong Key, long Id) : IComparable<BandEntry>
    {
        public int CompareTo(BandEntry other) => Key.CompareTo(other.Key) is var order and not 0 ? order : Id.CompareTo(other.Id);
    }

    /// <summary>Minima of any two documents, read where they stand.</summary>
    private sealed class Signatures(IReadOnlyList<string> notes, int recordSize) : IDisposable
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle[] _files = [.. notes.Select(note => File.OpenHandle(note, options: FileOptions.RandomAccess))];
        private readonly byte[] _a = new byte[recordSize], _b = new byte[recordSize];

        /// <summary>How many minima agree.</summary>
        public int Equal(long a, long b)
        {
            Read(a, _a);
            Read(b, _b);
            var x = MemoryMarshal.Cast<byte, uint>(_a);
            var y = MemoryMarshal.Cast<byte, uint>(_b);
            var equal = 0;
            for (var i = 0; i < x.Length; i++)
                if (x[i] == y[i]) equal++;
            return equal;
        }

        public void Dispose()
        {
            foreach (var file in _files) file.Dispose();
        }

        private void Read(long id, byte[] record) => RandomAccess.Read(_files[id >> 32], record, (long)(uint)id * recordSize);
    }
}
