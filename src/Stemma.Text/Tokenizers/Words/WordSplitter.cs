using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        // Sixteen letters at a time: a word rarely has more.
        for (; position + Vector256<ushort>.Count <= all.Length; position += Vector256<ushort>.Count)
        {
            var spaces = Spaces(ref Unsafe.As<char, ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(all), position)));
            if (spaces == 0) continue;
            position += BitOperations.TrailingZeroCount(spaces) / 2;
            goto found;
        }
        while (position < all.Length && !IsSpace(all[position])) position++;
    found:
        _position = position;
        word = all[start..position];
        return position > start;
    }

    // Two bits for each of sixteen letters.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Spaces(ref ushort letters)
    {
        var block = Vector256.LoadUnsafe(ref letters);
        var controls = block - Vector256.Create((ushort)'\t');
        return (Vector256.Equals(block, Vector256.Create((ushort)' ')) | Vector256.LessThanOrEqual(controls, Vector256.Create((ushort)4))).AsByte().ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSpace(char c) => c <= ' ' && c is ' ' or (>= '\t' and <= '\r');
}
