namespace Stemma.Curation;

/// <summary>What quality rules ask of a text, computed when it is first asked for. Words are what white space divides, as in the rules' papers.</summary>
internal sealed class TextStatistics
{
    private const int ShortLine = 30;

    private static readonly string[] StopWords = ["the", "be", "to", "of", "and", "that", "have", "with"];

    private readonly List<(int Start, int Length, ulong Hash)> _words = [];
    private readonly long _wordCharacters;
    private (double Lines, double Characters)? _repeatedLines, _repeatedParagraphs;

    public TextStatistics(string text)
    {
        Text = text;
        var stopWords = 0;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var (start, hash, alphabetic) = (i, 14695981039346656037UL, false);
            for (; i < text.Length && !char.IsWhiteSpace(text[i]); i++)
            {
                var letter = text[i];
                hash = (hash ^ letter) * 1099511628211UL;
                alphabetic |= letter < 128 ? char.IsAsciiLetter(letter) : char.IsLetter(letter);
                if (letter is '#' or '\u2026' || letter == '.' && i + 2 < text.Length && text[i + 1] == '.' && text[i + 2] == '.' && (i == start || text[i - 1] != '.')) SymbolCount++;
            }

            if (alphabetic) AlphabeticWordCount++;
            _wordCharacters += i - start;
            _words.Add((start, i - start, Curation.Words.Mix(hash)));
            var word = text.AsSpan(start, i - start);
            if (word.Length is >= 2 and <= 4)
                for (var stop = 0; stop < StopWords.Length; stop++)
                    if (word.Equals(StopWords[stop], StringComparison.OrdinalIgnoreCase)) stopWords |= 1 << stop;
        }

        StopWordKinds = System.Numerics.BitOperations.PopCount((uint)stopWords);
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty) continue;
            LineCount++;
            if (line[0] is '\u2022' or '\u2023' or '\u25E6' or '\u25AA' or '\u25CF' || line.StartsWith("- ") || line.StartsWith("* ")) BulletLineCount++;
            if (line[^1] == '\u2026' || line.EndsWith("...")) EllipsisLineCount++;
            if (QualityRules.EndsSentence(line)) SentenceLineCount++;
            if (line.Length <= ShortLine) ShortLineCount++;
        }
    }

    public string Text { get; }

    public int WordCount => _words.Count;

    public double MeanWordLength => _words.Count == 0 ? 0 : (double)_wordCharacters / _words.Count;

    public int SymbolCount { get; }

    public int AlphabeticWordCount { get; }

    /// <summary>How many of the eight stop words occur.</summary>
    public int StopWordKinds { get; }

    /// <summary>Lines with something on them.</summary>
    public int LineCount { get; }

    public int BulletLineCount { get; }

    public int EllipsisLineCount { get; }

    public int SentenceLineCount { get; }

    public int ShortLineCount { get; }

    /// <summary>Marks that end sentences, runs of them counted once.</summary>
    public int SentenceCount
    {
        get
        {
            var count = 0;
            for (var i = 0; i < Text.Length; i++)
            {
                var ends = Text[i] is '.' or '!' or '?' or '\u3002' or '\uFF01' or '\uFF1F';
                if (ends && (i + 1 == Text.Length || char.IsWhiteSpace(Text[i + 1]) || Text[i + 1] is '"' or '\u201D' or '\'' or ')' || Text[i] > 127)) count++;
            }

            return count;
        }
    }

    /// <summary>The share of lines that stand above already.</summary>
    public double RepeatedLineShare => Lines().Lines;

    /// <summary>The share of characters in such lines.</summary>
    public double RepeatedLineCharacterShare => Lines().Characters;

    /// <summary>The share of paragraphs that stand above already.</summary>
    public double RepeatedParagraphShare => Paragraphs().Lines;

    /// <summary>The share of characters in such paragraphs.</summary>
    public double RepeatedParagraphCharacterShare => Paragraphs().Characters;

    /// <summary>The words of a line, counted up to a limit.</summary>
    public static int CountWords(ReadOnlySpan<char> line, int most)
    {
        var count = 0;
        for (var i = 0; i < line.Length && count < most; i++)
            if (!char.IsWhiteSpace(line[i]) && (i == 0 || char.IsWhiteSpace(line[i - 1]))) count++;
        return count;
    }

    /// <summary>The share of characters that the most frequent run of <paramref name="length"/> words takes.</summary>
    public double TopGramShare(int length)
    {
        if (_words.Count < length) return 0;
        var counts = new Dictionary<ulong, (int Count, int Characters)>(_words.Count);
        var best = 0L;
        for (var i = 0; i + length <= _words.Count; i++)
        {
            var hash = Gram(i, length);
            ref var entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, hash, out var known);
            entry = (entry.Count + 1, known ? entry.Characters : Characters(i, length));
            if (entry.Count > 1) best = Math.Max(best, (long)entry.Count * entry.Characters);
        }

        return (double)best / Text.Length;
    }

    /// <summary>The share of characters inside runs of <paramref name="length"/> words that stand above already; overlapping runs count once.</summary>
    public double RepeatedGramShare(int length)
    {
        var seen = new HashSet<ulong>(_words.Count);
        var (repeated, end) = (0L, 0);
        for (var i = 0; i + length <= _words.Count; i++)
        {
            if (seen.Add(Gram(i, length))) continue;
            for (var j = Math.Max(i, end); j < i + length; j++) repeated += _words[j].Length;
            end = i + length;
        }

        return Text.Length == 0 ? 0 : (double)repeated / Text.Length;
    }

    private ulong Gram(int first, int length)
    {
        var hash = 0UL;
        for (var j = first; j < first + length; j++) hash = Curation.Words.Mix(System.Numerics.BitOperations.RotateLeft(hash, 23) + _words[j].Hash);
        return hash;
    }

    private int Characters(int first, int length)
    {
        var count = 0;
        for (var j = first; j < first + length; j++) count += _words[j].Length;
        return count;
    }

    private (double Lines, double Characters) Lines() => _repeatedLines ??= Repeated("\n");

    private (double Lines, double Characters) Paragraphs() => _repeatedParagraphs ??= Repeated("\n\n");

    private (double, double) Repeated(string divider)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lookup = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        var (all, repeated, characters) = (0, 0, 0L);
        foreach (var range in Text.AsSpan().Split(divider))
        {
            var part = Text.AsSpan(range).Trim();
            if (part.IsEmpty) continue;
            all++;
            if (lookup.Add(part)) continue;
            repeated++;
            characters += part.Length;
        }

        return all == 0 ? (0, 0) : ((double)repeated / all, (double)characters / Text.Length);
    }
}
