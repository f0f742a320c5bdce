using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Drops white space at the ends of a text (<c>Strip</c>).</summary>
/// <param name="left">Whether at its beginning.</param>
/// <param name="right">Whether at its end.</param>
public sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    /// <summary>Whether white space goes at the beginning.</summary>
    public bool Left { get; } = left;

    /// <summary>Whether white space goes at the end.</summary>
    public bool Right { get; } = right;

    internal override void Apply(NormalizedText text)
    {
        var chars = text.Chars;
        var (start, end) = (0, chars.Length);
        while (Left && start < end && CharacterClasses.IsSpace(chars[start])) start++;
        while (Right && start < end && CharacterClasses.IsSpace(chars[end - 1])) end--;
        if (end - start == chars.Length) return;
        text.Copy(start, end);
        text.Commit();
    }
}
