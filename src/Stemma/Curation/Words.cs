namespace Stemma.Curation;

/// <summary>
/// Words as duplicates are compared by: runs of letters and digits, case aside; a Han character, kana or Thai letter is a word of its
/// own, since nothing divides words there.
/// </summary>
internal static class Words
{
    /// <summary>A word in a text.</summary>
    /// <param name="Hash">64 bits of it, case aside.</param>
    /// <param name="Start">Where it begins.</param>
    /// <param name="End">Where it ends.</param>
    public readonly record struct Word(ulong Hash, int Start, int End);

    /// <summary>The words of a text, in order, into a list that is emptied first.</summary>
    public static void Of(ReadOnlySpan<char> text, List<Word> words)
    {
        words.Clear();
        for (var i = 0; i < text.Length;)
        {
            if (!IsPart(text[i]))
            {
                i++;
                continue;
            }

            var (start, hash) = (i, 14695981039346656037UL);
            do hash = (hash ^ Folded(text[i++])) * 1099511628211UL;
            while (!IsAlone(text[i - 1]) && i < text.Length && IsPart(text[i]) && !IsAlone(text[i]));
            words.Add(new(Mix(hash), start, i));
        }
    }

    /// <summary>A hash of a run of words; the order counts.</summary>
    public static ulong Join(ReadOnlySpan<Word> words)
    {
        var hash = 0UL;
        foreach (var word in words) hash = Mix(System.Numerics.BitOperations.RotateLeft(hash, 23) + word.Hash);
        return hash;
    }

    /// <summary>The finaliser of MurmurHash3: every bit of the result depends on every bit of the number.</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }

    private static bool IsPart(char letter) => letter < 128 ? char.IsAsciiLetterOrDigit(letter) : char.IsLetterOrDigit(letter) || char.IsSurrogate(letter);

    private static bool IsAlone(char letter) => letter is >= '\u0E00' and <= '\u0E7F' or >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF';

    private static char Folded(char letter) => letter < 128 ? (letter is >= 'A' and <= 'Z' ? (char)(letter | 0x20) : letter) : char.ToLowerInvariant(letter);
}
