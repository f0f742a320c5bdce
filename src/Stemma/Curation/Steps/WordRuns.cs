using System.Runtime.InteropServices;

namespace Stemma.Curation;

/// <summary>Hashes of all runs of so many words of a text, each from the one before it (Karp and Rabin 1987).</summary>
internal static class WordRuns
{
    private const ulong Base = 0x9E3779B97F4A7C15;

    /// <summary>The hash of the run that begins at each word; none where the text has too few.</summary>
    public static ulong[] Hashes(List<Words.Word> words, int length)
    {
        var all = CollectionsMarshal.AsSpan(words);
        if (all.Length < length) return [];
        var hashes = new ulong[all.Length - length + 1];
        var (rolling, first) = (0UL, 1UL);
        for (var i = 1; i < length; i++) first *= Base;
        for (var i = 0; i < all.Length; i++)
        {
            if (i >= length) rolling -= first * all[i - length].Hash;
            rolling = rolling * Base + all[i].Hash;
            if (i >= length - 1) hashes[i - length + 1] = Words.Mix(rolling);
        }

        return hashes;
    }
}
