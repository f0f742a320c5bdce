namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// For every pair of adjacent tokens its count and the words it has been seen in. A word stays listed after its last such pair is
/// gone; reading the word tells.
/// </summary>
internal sealed class PairTable
{
    private const int None = -1;
    private readonly Dictionary<ulong, int> slots = [];
    private readonly List<ulong> keys = [];
    private long[] counts = new long[1024];
    private int[] firstEntries = new int[1024];
    private (int Word, int Next)[] entries = new (int, int)[4096];
    private int entryCount;

    public int Count => keys.Count;

    public ulong Key(int slot) => keys[slot];

    public ref long Occurrences(int slot) => ref counts[slot];

    public int Slot(int left, int right)
    {
        var key = ((ulong)(uint)left << 32) | (uint)right;
        if (slots.TryGetValue(key, out var slot)) return slot;
        slot = keys.Count;
        slots.Add(key, slot);
        keys.Add(key);
        if (slot == counts.Length)
        {
            Array.Resize(ref counts, slot * 2);
            Array.Resize(ref firstEntries, slot * 2);
        }

        firstEntries[slot] = None;
        return slot;
    }

    /// <summary>Lists a word under a pair; words come one after another, so a word already listed is the latest one.</summary>
    public void List(int slot, int word)
    {
        var first = firstEntries[slot];
        if (first != None && entries[first].Word == word) return;
        if (entryCount == entries.Length) Array.Resize(ref entries, entryCount * 2);
        entries[entryCount] = (word, first);
        firstEntries[slot] = entryCount++;
    }

    /// <summary>Takes the list of a pair away, to be walked with <see cref="Next"/> until it is negative.</summary>
    public int TakeList(int slot)
    {
        var first = firstEntries[slot];
        firstEntries[slot] = None;
        return first;
    }

    public int Next(int entry, out int word)
    {
        (word, var next) = entries[entry];
        return next;
    }
}
