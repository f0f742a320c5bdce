using System.Text;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>A document on its way through the steps: where it is from, and its text as the steps before left it.</summary>
internal sealed class CuratedDocument
{
    private string _text = "";
    private int _byteCount = -1;

    /// <summary>Its place among the documents that the present pass reads: the part in the upper half, the place in the part in the lower.</summary>
    public long Id { get; set; }

    /// <summary>The input of the recipe that it is from.</summary>
    public int Input { get; init; }

    /// <summary>The file that it is from.</summary>
    public string File { get; init; } = "";

    /// <summary>What its source calls it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where its record begins, in bytes of the unpacked file.</summary>
    public long Position { get; init; }

    /// <summary>What the text is written in.</summary>
    public Markup Markup { get; set; }

    /// <summary>The language that was found; empty before that.</summary>
    public string Language { get; set; } = "";

    /// <summary>The steps that changed it, a bit each.</summary>
    public uint ChangedBy { get; set; }

    /// <summary>Its text, well-formed UTF-16.</summary>
    public string Text
    {
        get => _text;
        set => (_text, _byteCount) = (value, -1);
    }

    /// <summary>The length of its text in UTF-8.</summary>
    public int ByteCount => _byteCount >= 0 ? _byteCount : _byteCount = Encoding.UTF8.GetByteCount(_text);
}
