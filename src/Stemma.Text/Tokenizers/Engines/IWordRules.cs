using System.Runtime.Intrinsics;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>
/// A tokenizer whose text can be divided into words, each of which has its tokens whatever stands around it, so that a cache may answer for words seen
/// before. Holds scratch memory, so it serves one thread at a time.
/// </summary>
internal interface IWordRules
{
    /// <summary>The length of the word that sixteen characters begin with, at most 15; 0 when <see cref="WordEnd"/> must say.</summary>
    /// <param name="characters">See <see cref="AsciiWords.Load"/>.</param>
    /// <param name="beyond">A bit for each character outside ASCII.</param>
    int Length(Vector128<byte> characters, uint beyond);

    /// <summary>Where the word that starts at <paramref name="start"/> ends. Needs start &lt; text.Length.</summary>
    int WordEnd(ReadOnlySpan<char> text, int start);

    /// <summary>The tokens of a word, good until the next call.</summary>
    ReadOnlySpan<int> Encode(ReadOnlySpan<char> word);

    /// <summary>See <see cref="Tokenizer.CutPoint"/>.</summary>
    int CutPoint(ReadOnlySpan<char> text, int limit);
}
