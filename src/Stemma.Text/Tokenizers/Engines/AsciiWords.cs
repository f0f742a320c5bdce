using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>
/// Finds in one step the end of the words most texts consist of, a run of ASCII letters behind at most one other character: sixteen characters at
/// once become masks of letters. What it cannot decide is the scanner's.
/// </summary>
internal sealed class AsciiWords
{
    /// <summary>How many characters it looks at.</summary>
    public const int Window = 16;

    private readonly UInt128 prefixes;
    private readonly bool dividesAtCapitals;
    private readonly bool joinsContractions;

    private AsciiWords(Func<char, bool> isPrefix, bool dividesAtCapitals, bool joinsContractions)
    {
        for (var character = 0; character < 128; character++)
            if (isPrefix((char)character)) prefixes |= UInt128.One << character;
        (this.dividesAtCapitals, this.joinsContractions) = (dividesAtCapitals, joinsContractions);
    }

    /// <summary>GPT-2: a space may lead.</summary>
    public static AsciiWords Gpt2 { get; } = new(character => character == ' ', dividesAtCapitals: false, joinsContractions: false);

    /// <summary>cl100k: anything may lead but line ends, letters and digits; an apostrophe may begin a contraction.</summary>
    public static AsciiWords Cl100k { get; } = new(character => LeadsWord(character) && character != '\'', dividesAtCapitals: false, joinsContractions: false);

    /// <summary>o200k: as cl100k, but a capital behind a small letter begins a word, and a contraction ends the word before it.</summary>
    public static AsciiWords O200k { get; } = new(LeadsWord, dividesAtCapitals: true, joinsContractions: true);

    /// <summary>Sixteen characters as bytes, the first of them lowest; one outside ASCII is 0x80 or more, one behind the text is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ReadOnlySpan<char> text, int start) => text.Length - start >= Window ? Narrow(text[start..]) : LoadEnd(text[start..]);

    /// <summary>The length of the word these characters begin with, 1 ≤ length ≤ 15; 0 when the scanner must say.</summary>
    /// <param name="characters">See <see cref="Load"/>.</param>
    /// <param name="beyond">A bit for each character outside ASCII.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Length(Vector128<byte> characters, uint beyond)
    {
        var letters = Letters(characters | Vector128.Create((byte)0x20), 'a');
        var start = (int)(~letters & 1);
        var first = characters.ToScalar();
        if (start == 1 && (first >= 128 || !IsPrefix(first))) return 0;
        int length;
        if (dividesAtCapitals)
        {
            var capitals = Letters(characters, 'A');
            var small = letters & ~capitals;
            length = start + BitOperations.TrailingZeroCount(~(capitals >> start));
            length += BitOperations.TrailingZeroCount(~(small >> length));
        }
        else
        {
            length = start + BitOperations.TrailingZeroCount(~(letters >> start));
        }

        // A letter outside ASCII may go on with the word, and so may what is beyond the window.
        if (length == start || length >= Window || ((beyond >> length) & 1) != 0) return 0;
        return joinsContractions && characters.GetElement(length) == '\'' ? 0 : length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(ReadOnlySpan<char> text)
    {
        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        return Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, (nuint)Vector128<ushort>.Count));
    }

    private static Vector128<byte> LoadEnd(ReadOnlySpan<char> text)
    {
        Span<char> padded = stackalloc char[Window];
        padded.Clear();
        text.CopyTo(padded);
        return Narrow(padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Letters(Vector128<byte> characters, char first) =>
        Vector128.LessThan(characters - Vector128.Create((byte)first), Vector128.Create((byte)26)).ExtractMostSignificantBits();

    private static bool LeadsWord(char character) => character is not ('\r' or '\n') && !char.IsAsciiLetterOrDigit(character);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsPrefix(byte character) => ((ulong)(character < 64 ? prefixes : prefixes >> 64) >> (character & 63) & 1) != 0;
}
