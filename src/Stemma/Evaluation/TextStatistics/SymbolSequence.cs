using Stemma.Numerics;
using Stemma.Numerics.Distributions;

namespace Stemma.Evaluation.TextStatistics;

/// <summary>A text as numbers of symbols, its characters or its words: the most frequent ones by themselves, all others as one.</summary>
/// <param name="Symbols">In the order of the text.</param>
/// <param name="Names">Of each symbol; the last is what is left over, where something is.</param>
public sealed record SymbolSequence(int[] Symbols, IReadOnlyList<string> Names)
{
    /// <summary>What stands for all rare symbols.</summary>
    public const string Others = "(others)";

    /// <summary>Numbers the symbols.</summary>
    /// <param name="text">Symbol after symbol.</param>
    /// <param name="most">The most different symbols, ≥ 2.</param>
    /// <exception cref="ArgumentException">Fewer than two symbols: they have no neighbours.</exception>
    public static SymbolSequence Of(IReadOnlyList<string> text, int most = 256)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        if (text.Count < 2) throw new ArgumentException($"The text has {text.Count} symbols; statistics of neighbours need at least two.", nameof(text));
        var counts = text.CountBy(symbol => symbol, StringComparer.Ordinal).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        string[] names = counts.Length <= most ? [.. counts.Select(pair => pair.Key)] : [.. counts.Take(most - 1).Select(pair => pair.Key), Others];
        var numbers = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        return new([.. text.Select(symbol => numbers.TryGetValue(symbol, out var number) ? number : names.Length - 1)], names);
    }

    /// <summary>How often each symbol stands.</summary>
    public long[] Counts()
    {
        var counts = new long[Names.Count];
        foreach (var symbol in Symbols) counts[symbol]++;
        return counts;
    }

    /// <summary>How often each pair stands a number of places apart, [first, second].</summary>
    /// <param name="lag">1 for neighbours.</param>
    /// <param name="closed">Whether the text goes on at its beginning, so that every symbol has a follower.</param>
    public long[,] Pairs(int lag, bool closed = false)
    {
        if (lag < 1 || lag >= Symbols.Length) throw new ArgumentOutOfRangeException(nameof(lag), lag, $"A text of {Symbols.Length} symbols has pairs from 1 to {Symbols.Length - 1} apart.");
        var pairs = new long[Names.Count, Names.Count];
        for (var i = 0; i + lag < Symbols.Length; i++) pairs[Symbols[i], Symbols[i + lag]]++;
        if (closed)
            for (var i = Symbols.Length - lag; i < Symbols.Length; i++) pairs[Symbols[i], Symbols[i + lag - Symbols.Length]]++;
        return pairs;
    }

    /// <summary>
    /// The chain in which each symbol follows the one before as often as here, the end of the text being followed by its beginning: where
    /// it comes to rest, each symbol is as frequent as in the text.
    /// </summary>
    public MarkovChain ToChain()
    {
        var pairs = Pairs(1, closed: true);
        return new([.. Enumerable.Range(0, Names.Count).Select(i => Enumerable.Range(0, Names.Count).Select(j => (double)pairs[i, j]).ToArray())]);
    }

    /// <summary>The same symbols in an order of chance.</summary>
    public SymbolSequence Shuffled(RandomStream random)
    {
        var mixed = (int[])Symbols.Clone();
        for (var i = mixed.Length - 1; i > 0; i--)
        {
            var other = (int)random.Below(i + 1, (ulong)i);
            (mixed[i], mixed[other]) = (mixed[other], mixed[i]);
        }
        return this with { Symbols = mixed };
    }
}
