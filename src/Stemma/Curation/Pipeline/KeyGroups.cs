using System.Runtime.InteropServices;

namespace Stemma.Curation;

/// <summary>
/// Sorts keys that stand in notes, fixed bytes a document, within bounded memory: the keys are divided by their first bits into groups that
/// fit, and every group reads the notes again.
/// </summary>
internal static class KeyGroups
{
    /// <summary>A key of a document. Equal keys lie side by side, by the documents' order.</summary>
    public readonly record struct Entry(UInt128 Key, long Id) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Key.CompareTo(other.Key) is var order and not 0 ? order : Id.CompareTo(other.Id);
    }

    /// <summary>The groups, each sorted.</summary>
    /// <param name="notes">A file per part.</param>
    /// <param name="recordSize">Bytes of a document's note.</param>
    /// <param name="keyOffset">Where in them the 16 bytes of the key begin.</param>
    /// <param name="memoryBytes">What a group may take.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static IEnumerable<List<Entry>> Of(IReadOnlyList<string> notes, int recordSize, int keyOffset, long memoryBytes, CancellationToken cancellation)
    {
        var total = notes.Sum(note => new FileInfo(note).Length / recordSize);
        // A list doubles as it grows.
        var groups = (uint)Math.Clamp(total * 2 * 32 / Math.Max(1, memoryBytes) + 1, 1, 1 << 16);
        for (var group = 0U; group < groups; group++)
        {
            List<Entry> entries = [];
            for (var part = 0; part < notes.Count; part++)
            {
                cancellation.ThrowIfCancellationRequested();
                Read(notes[part], part, recordSize, keyOffset, group, groups, entries);
            }

            entries.Sort();
            yield return entries;
        }
    }

    private static void Read(string path, int part, int recordSize, int keyOffset, uint group, uint groups, List<Entry> entries)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        var record = new byte[recordSize];
        for (var i = 0L; stream.ReadAtLeast(record, recordSize, throwOnEndOfStream: false) == recordSize; i++)
        {
            var key = MemoryMarshal.Read<UInt128>(record.AsSpan(keyOffset));
            if (Math.BigMul((uint)(key >> 96), groups) >> 32 == group) entries.Add(new(key, ((long)part << 32) | i));
        }
    }
}
