using System.Runtime.InteropServices;
using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>
/// A text and the stretches of it that are words so far. A pre-tokenizer reads <see cref="Ranges"/>, adds the finer ones from left to right and
/// commits them; one that changes the text emits it into <see cref="Text"/>, adds ranges of the new text, and commits both.
/// </summary>
internal sealed class PreTokens
{
    private List<(int Start, int End)> ranges = [];
    private List<(int Start, int End)> next = [];

    /// <summary>The text.</summary>
    public NormalizedText Text { get; } = new();

    /// <summary>Matches of a pattern: scratch for pre-tokenizers.</summary>
    public List<(int Start, int End)> Matches { get; } = [];

    /// <summary>Whether the text is the beginning of what the user gave, and not a stretch behind an added token.</summary>
    public bool IsFirst { get; private set; }

    /// <summary>The words.</summary>
    public ReadOnlySpan<(int Start, int End)> Ranges => CollectionsMarshal.AsSpan(ranges);

    /// <summary>Begins with the whole text as one word.</summary>
    public void Begin(bool isFirst)
    {
        IsFirst = isFirst;
        ranges.Clear();
        next.Clear();
        if (!Text.Chars.IsEmpty) ranges.Add((0, Text.Chars.Length));
    }

    /// <summary>Adds a word; an empty one is none.</summary>
    public void Add(int start, int end)
    {
        if (start < end) next.Add((start, end));
    }

    /// <summary>Makes the added words the words.</summary>
    public void Commit()
    {
        (ranges, next) = (next, ranges);
        next.Clear();
    }
}
