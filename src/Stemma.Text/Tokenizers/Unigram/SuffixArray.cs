namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// The suffixes of a sequence in order, by induced sorting (SA-IS; Nong, Zhang &amp; Chan 2009), and how long the prefixes are that
/// neighbours share (Kasai et al. 2001): both in linear time.
/// </summary>
internal static class SuffixArray
{
    /// <summary>Where the suffixes start, smallest first.</summary>
    /// <param name="text">Symbols 0 … <paramref name="alphabetSize"/> − 1.</param>
    /// <param name="alphabetSize">The number of symbols.</param>
    public static int[] Build(ReadOnlySpan<int> text, int alphabetSize)
    {
        // The algorithm wants a last symbol smaller than all others.
        var ended = new int[text.Length + 1];
        for (var i = 0; i < text.Length; i++) ended[i] = text[i] + 1;
        var array = new int[ended.Length];
        Sort(ended, array, alphabetSize + 1);
        return array[1..];
    }

    /// <summary>For each suffix of the array how many symbols it shares with the one before it; 0 for the first.</summary>
    public static int[] SharedPrefixes(ReadOnlySpan<int> text, ReadOnlySpan<int> array)
    {
        var (rank, shared) = (new int[text.Length], new int[text.Length]);
        for (var i = 0; i < array.Length; i++) rank[array[i]] = i;
        for (int i = 0, length = 0; i < text.Length; i++)
        {
            if (rank[i] == 0)
            {
                length = 0;
                continue;
            }

            var other = array[rank[i] - 1];
            while (i + length < text.Length && other + length < text.Length && text[i + length] == text[other + length]) length++;
            shared[rank[i]] = length;
            if (length > 0) length--;
        }

        return shared;
    }

    private static void Sort(ReadOnlySpan<int> text, Span<int> array, int alphabetSize)
    {
        var n = text.Length;
        // A suffix is small when it is smaller than the next one; leftmost small ones divide the text.
        var isSmall = new bool[n];
        isSmall[n - 1] = true;
        for (var i = n - 2; i >= 0; i--) isSmall[i] = text[i] < text[i + 1] || (text[i] == text[i + 1] && isSmall[i + 1]);
        var sizes = new int[alphabetSize];
        foreach (var symbol in text) sizes[symbol]++;
        var bounds = new int[alphabetSize];

        array.Fill(-1);
        Ends(sizes, bounds);
        for (var i = n - 1; i > 0; i--)
            if (isSmall[i] && !isSmall[i - 1]) array[--bounds[text[i]]] = i;
        Induce(text, array, isSmall, sizes, bounds);

        var count = 0;
        for (var i = 0; i < n; i++)
            if (array[i] > 0 && isSmall[array[i]] && !isSmall[array[i] - 1]) array[count++] = array[i];
        array[count..].Fill(-1);
        var (names, previous) = (0, -1);
        for (var i = 0; i < count; i++)
        {
            var position = array[i];
            if (previous < 0 || !SameBlock(text, isSmall, previous, position)) names++;
            previous = position;
            array[count + position / 2] = names - 1;
        }

        var shorter = new int[count];
        for (int i = n - 1, at = count - 1; i >= count; i--)
            if (array[i] >= 0) shorter[at--] = array[i];
        var order = new int[count];
        if (names < count) Sort(shorter, order, names);
        else
            for (var i = 0; i < count; i++) order[shorter[i]] = i;

        var starts = shorter;
        for (int i = 1, at = 0; i < n; i++)
            if (isSmall[i] && !isSmall[i - 1]) starts[at++] = i;
        array.Fill(-1);
        Ends(sizes, bounds);
        for (var i = count - 1; i >= 0; i--) array[--bounds[text[starts[order[i]]]]] = starts[order[i]];
        Induce(text, array, isSmall, sizes, bounds);
    }

    private static void Induce(ReadOnlySpan<int> text, Span<int> array, bool[] isSmall, int[] sizes, int[] bounds)
    {
        for (int symbol = 0, sum = 0; symbol < sizes.Length; sum += sizes[symbol++]) bounds[symbol] = sum;
        for (var i = 0; i < array.Length; i++)
            if (array[i] > 0 && !isSmall[array[i] - 1]) array[bounds[text[array[i] - 1]]++] = array[i] - 1;
        Ends(sizes, bounds);
        for (var i = array.Length - 1; i >= 0; i--)
            if (array[i] > 0 && isSmall[array[i] - 1]) array[--bounds[text[array[i] - 1]]] = array[i] - 1;
    }

    private static void Ends(int[] sizes, int[] bounds)
    {
        for (int symbol = 0, sum = 0; symbol < sizes.Length; symbol++) bounds[symbol] = sum += sizes[symbol];
    }

    private static bool SameBlock(ReadOnlySpan<int> text, bool[] isSmall, int a, int b)
    {
        for (var i = 0; ; i++)
        {
            if (a + i >= text.Length || b + i >= text.Length) return false;
            if (text[a + i] != text[b + i] || isSmall[a + i] != isSmall[b + i]) return false;
            if (i > 0 && isSmall[a + i] && !isSmall[a + i - 1]) return isSmall[b + i] && !isSmall[b + i - 1];
        }
    }
}
