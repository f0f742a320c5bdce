using System.Runtime.Intrinsics;

namespace Stemma.Curation;

/// <summary>Minima of random hash functions over the runs of words of a text (Broder 1997).</summary>
internal sealed class MinHash
{
    private readonly uint[] _seeds, _factors;
    private readonly int _words;

    /// <summary>As many functions as minima are wanted.</summary>
    /// <param name="count">Minima.</param>
    /// <param name="words">Words of a run.</param>
    public MinHash(int count, int words)
    {
        _words = words;
        (_seeds, _factors) = (new uint[count], new uint[count]);
        for (var i = 0; i < count; i++)
        {
            var bits = Words.Mix((ulong)i * 0x9E3779B97F4A7C15 + 1);
            (_seeds[i], _factors[i]) = ((uint)bits, (uint)(bits >> 32) | 1);
        }
    }

    /// <summary>The minima of a text; all the greatest number where it has no word. A text shorter than a run is one run.</summary>
    public void Minima(string text, Span<uint> minima)
    {
        minima.Fill(uint.MaxValue);
        List<Words.Word> words = [];
        Words.Of(text, words);
        if (words.Count == 0) return;
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(words);
        var length = Math.Min(_words, all.Length);
        for (var i = 0; i + length <= all.Length; i++) Take((uint)(Words.Join(all.Slice(i, length)) >> 32), minima);
    }

    /// <summary>The sets of two texts, compared without estimating: the share of runs of words that both have.</summary>
    public static double Jaccard(string a, string b, int runLength)
    {
        var (x, y) = (Runs(a, runLength), Runs(b, runLength));
        var both = x.Count(y.Contains);
        return x.Count + y.Count == 0 ? 0 : (double)both / (x.Count + y.Count - both);
    }

    private static HashSet<ulong> Runs(string text, int runLength)
    {
        List<Words.Word> words = [];
        Words.Of(text, words);
        HashSet<ulong> runs = [];
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(words);
        var length = Math.Min(runLength, all.Length);
        if (length > 0)
            for (var i = 0; i + length <= all.Length; i++) runs.Add(Words.Join(all.Slice(i, length)));
        return runs;
    }

    // h(x) = mix((x ^ seed) · factor): a permutation of the 32-bit numbers for each function.
    private void Take(uint run, Span<uint> minima)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var x = Vector256.Create(run);
            var second = Vector256.Create(0x85EBCA6Bu);
            for (; i + 8 <= minima.Length; i += 8)
            {
                var h = (x ^ Vector256.LoadUnsafe(ref _seeds[i])) * Vector256.LoadUnsafe(ref _factors[i]);
                h = (h ^ (h >>> 15)) * second;
                h ^= h >>> 13;
                Vector256.Min(h, Vector256.LoadUnsafe(ref minima[i])).StoreUnsafe(ref minima[i]);
            }
        }

        for (; i < minima.Length; i++)
        {
            var h = (run ^ _seeds[i]) * _factors[i];
            h = (h ^ (h >> 15)) * 0x85EBCA6Bu;
            minima[i] = Math.Min(minima[i], h ^ (h >> 13));
        }
    }
}
