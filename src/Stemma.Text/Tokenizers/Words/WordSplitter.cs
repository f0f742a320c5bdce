using System.Buffers;
using System.Runtime.CompilerServices;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>Goes through the words of a text; the end of a line is an empty word.</summary>
internal ref struct WordSplitter(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _position;

    /// <summary>What separates words.</summary>
    public static SearchValues<char> WhiteSpace { get; } = SearchValues.Create("\t\n\v\f\r ");

    /// <summary>Where the last word ends.</summary>
    public readonly int Position => _position;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Next(out ReadOnlySpan<char> word)
    {
        var all = _text;
        var position = _position;
        while (position < all.Length && IsSpace(all[position]))
        {
            if (all[position++] != '\n') continue;
            _position = position;
            word = [];
            return true;
        }
        var start = position;
        while (position < all.Length && !IsSpace(all[position])) position++;
        _position = position;
        word = all[start..position];
        return position > start;
    }

    private static bool IsSpace(char c) => c <= ' ' && c is ' ' or (>= '\t' and <= '\r');
}
