using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Stemma.Text.Corpora.Words;

/// <summary>What counts as a word of a text. The end of a line ends a sentence, as in word2vec.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PlainWords), "plain")]
[JsonDerivedType(typeof(SpacedWords), "spaced")]
public abstract record WordReading
{
    /// <summary>The text as its words are cut from it.</summary>
    internal virtual string Prepare(string text) => text;

    /// <summary>Goes on to the next word; an empty one is the end of a sentence.</summary>
    /// <param name="text">From <see cref="Prepare"/>.</param>
    /// <param name="position">Where to go on; moved behind what was found.</param>
    /// <param name="word">What was found.</param>
    /// <returns>Whether there was more.</returns>
    internal abstract bool Next(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> word);
}

/// <summary>Runs of letters and digits in lower case; an apostrophe between two of them belongs to the word.</summary>
public sealed record PlainWords : WordReading
{
    internal override string Prepare(string text) => text.ToLowerInvariant();

    internal override bool Next(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> word)
    {
        while (position < text.Length && !IsPart(text, position))
        {
            if (text[position++] != '\n') continue;
            word = [];
            return true;
        }
        var start = position;
        while (position < text.Length && IsPart(text, position)) position++;
        word = text[start..position];
        return position > start;
    }

    private static bool IsPart(ReadOnlySpan<char> text, int i)
    {
        var letter = text[i];
        if (char.IsAsciiLetterOrDigit(letter)) return true;
        if (letter is '\'' or '\u2019') return i > 0 && i + 1 < text.Length && char.IsLetterOrDigit(text[i - 1]) && char.IsLetterOrDigit(text[i + 1]);
        if (letter < 0x80) return false;
        var rune = char.IsHighSurrogate(letter) ? Pair(text, i) : char.IsLowSurrogate(letter) ? Pair(text, i - 1) : new Rune(letter);
        return Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
    }

    private static Rune Pair(ReadOnlySpan<char> text, int i) => i >= 0 && i + 1 < text.Length && Rune.TryCreate(text[i], text[i + 1], out var rune) ? rune : Rune.ReplacementChar;
}

/// <summary>What white space separates, as it is: texts that are cut into words already. The reading of word2vec itself.</summary>
public sealed record SpacedWords : WordReading
{
    internal override bool Next(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> word)
    {
        while (position < text.Length && IsSpace(text[position]))
        {
            if (text[position++] != '\n') continue;
            word = [];
            return true;
        }
        var start = position;
        while (position < text.Length && !IsSpace(text[position])) position++;
        word = text[start..position];
        return position > start;
    }

    private static bool IsSpace(char c) => c <= ' ' && c is ' ' or (>= '\t' and <= '\r');
}
