using System.Runtime.InteropServices;

namespace Stemma.Curation;

/// <summary>The documents that a decision drops, each with the one that stays for it, by their ids, sorted.</summary>
internal static class DropList
{
    public static void Write(Stream stream, List<(long Dropped, long Kept)> pairs)
    {
        pairs.Sort();
        stream.Write(MemoryMarshal.AsBytes<long>(pairs.SelectMany(pair => (long[])[pair.Dropped, pair.Kept]).ToArray()));
    }

    public static IReadOnlyList<(long Dropped, long Kept)> Read(string path)
    {
        var ids = MemoryMarshal.Cast<byte, long>(File.ReadAllBytes(path));
        var pairs = new (long, long)[ids.Length / 2];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = (ids[2 * i], ids[2 * i + 1]);
        return pairs;
    }

    public static DocumentFilter Open(string path, string reason) => new Filter([.. Read(path).Select(pair => pair.Dropped)], reason);

    private sealed class Filter(long[] ids, string reason) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts) => Array.BinarySearch(ids, document.Id) >= 0 ? reason : null;
    }
}
