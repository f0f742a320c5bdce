namespace Stemma.Text.Corpora.Readers;

/// <summary>What the text of a document is written in.</summary>
public enum Markup
{
    /// <summary>Text as it is meant to be read.</summary>
    None,

    /// <summary>A page of HTML, tags and all.</summary>
    Html,
}

/// <summary>One document as it was found, before anything was done to it.</summary>
/// <param name="Name">What its source calls it: an address, an id, a path; or the file and the record's number.</param>
/// <param name="Text">Its text, without a NUL and well-formed UTF-16.</param>
/// <param name="Position">Where its record begins, in bytes of the unpacked file.</param>
/// <param name="Markup">What the text is written in.</param>
public sealed record RawDocument(string Name, string Text, long Position, Markup Markup = Markup.None);
