using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>The n-grams of a binary model by their places, for passes over all of them. A unigram's place is its token.</summary>
internal sealed unsafe class NGramSlots(string path, MappedFile file, NGramHeader header)
{
    public int Order => header.Order;

    public int VocabSize => header.VocabSize;

    public int Begin => header.Begin;

    public int End => header.End;

    /// <summary>Places of an order, free ones too.</summary>
    public long Count(int order) => header.Slots[order - 1];

    /// <summary>Whether an n-gram lies at a place.</summary>
    public bool IsTaken(int order, long slot) => order == 1 || At(order, slot)->Word != uint.MaxValue;

    /// <summary>Log10 of the probability of what lies at a place.</summary>
    public double LogProbability(int order, long slot) => order == 1 ? Unigrams[slot].LogProbability : At(order, slot)->LogProbability;

    /// <summary>Log10 of the weight of what lies at a place; 0 for the highest order.</summary>
    public double LogBackoff(int order, long slot) => order == 1 ? Unigrams[slot].LogBackoff : order < Order ? At(order, slot)->LogBackoff : 0;

    /// <summary>Where the n-gram without its first word lies, for orders from 2.</summary>
    public long Rest(int order, long slot)
    {
        var rest = At(order, slot)->Rest;
        return rest < header.Slots[order - 2] ? rest : throw NGramHeader.Damaged(path, $"place {slot} of the {order}-grams leads nowhere");
    }

    /// <summary>The words of an n-gram, the latest first.</summary>
    public void Words(int order, long slot, Span<int> latestFirst)
    {
        for (; order > 1; order--)
        {
            latestFirst[order - 1] = (int)At(order, slot)->Word;
            slot = Rest(order, slot);
        }
        latestFirst[0] = (int)slot;
    }

    /// <summary>Where an n-gram lies; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long Find(ReadOnlySpan<int> latestFirst)
    {
        var (hash, place) = (NGramLocation.Start(latestFirst[0]), (long)latestFirst[0]);
        for (var order = 2; order <= latestFirst.Length; order++)
        {
            var word = latestFirst[order - 1];
            hash = NGramLocation.Extend(hash, word);
            var (slots, rest) = (Count(order), (uint)place);
            var slot = NGramLocation.Slot(hash, slots);
            for (place = -1; ; slot = slot + 1 == slots ? 0 : slot + 1)
            {
                var entry = At(order, slot);
                if (entry->Word == uint.MaxValue) return -1;
                if (entry->Word != (uint)word || entry->Rest != rest) continue;
                place = slot;
                break;
            }
        }
        return place;
    }

    /// <summary>Log10 of the probability of the latest of some words after the others, lower orders asked where need be.</summary>
    public double LogProbability(ReadOnlySpan<int> latestFirst)
    {
        var slot = Find(latestFirst);
        if (slot >= 0) return LogProbability(latestFirst.Length, slot);
        var context = Find(latestFirst[1..]);
        return (context < 0 ? 0 : LogBackoff(latestFirst.Length - 1, context)) + LogProbability(latestFirst[..^1]);
    }

    private Unigram* Unigrams => (Unigram*)(file.Start + header.Unigrams);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MiddleEntry* At(int order, long slot) => (MiddleEntry*)(file.Start + _tables[order - 1] + (slot * (order < _tables.Length ? NGramHeader.MiddleBytes : NGramHeader.HighestBytes)));

    private readonly long[] _tables = [.. Enumerable.Range(1, header.Order).Select(header.Table)];
}
