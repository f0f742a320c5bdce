using Stemma.Text.Tokenizers.Engines;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>Divides text into words by hand-written rules equal to a published regular expression. Words join to the text; none is empty.</summary>
internal abstract class WordScanner
{
    /// <summary>What it says of words of ASCII letters, sixteen characters at once.</summary>
    public abstract AsciiWords Ascii { get; }

    /// <summary>Where the word that starts at <paramref name="start"/> ends. Needs start &lt; text.Length.</summary>
    public abstract int WordEnd(ReadOnlySpan<char> text, int start);

    /// <summary>
    /// The last position p ≤ <paramref name="limit"/> where white space follows a letter or number: a word ends there whatever follows, and no
    /// match looks back, so the text may be cut there. 0 when there is none.
    /// </summary>
    public virtual int CutPoint(ReadOnlySpan<char> text, int limit)
    {
        for (var position = Math.Min(limit, text.Length - 1); position > 0; position--)
            if (CharacterFlags.OfUnit(text[position]).HasFlag(CharacterFlag.Space) && (CharacterFlags.OfUnit(text[position - 1]) & (CharacterFlag.Letter | CharacterFlag.Number)) != 0) return position;
        return 0;
    }
}
