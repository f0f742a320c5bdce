namespace Stemma.Text.Corpora;

/// <summary>A part of a document, for those who read a text once from end to end and keep none of it.</summary>
/// <param name="Text">The part: at least a character. It ends where the document ends, or before a space or the end of a line that follows something else.</param>
/// <param name="IsContinuation">Whether the document began with an earlier stretch.</param>
public readonly record struct TextStretch(string Text, bool IsContinuation)
{
    /// <summary>Texts, each a document in one stretch.</summary>
    public static IEnumerable<TextStretch> Whole(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Select(text => new TextStretch(text, IsContinuation: false));
    }
}
