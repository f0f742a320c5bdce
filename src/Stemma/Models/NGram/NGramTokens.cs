using System.Globalization;
using System.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Models.NGram;

/// <summary>A tokenizer's tokens as the vocabulary of an n-gram model: the same ids, and after them the begin token where the tokenizer has none.</summary>
internal static class NGramTokens
{
    public static NGramVocabulary Of(Tokenizer tokenizer)
    {
        if (tokenizer is WordTokenizer words)
            return new([.. Enumerable.Range(0, words.VocabSize).Select(words.Piece)], WordTokenizer.BeginId, WordTokenizer.EndId, WordTokenizer.UnknownId);
        var spellings = new List<string>(tokenizer.VocabSize + 1);
        for (var id = 0; id < tokenizer.VocabSize; id++) spellings.Add(id == tokenizer.EndOfText ? NGramVocabulary.EndSpelling : Spelling(tokenizer.Piece(id)));
        spellings.Add(NGramVocabulary.BeginSpelling);
        return new(spellings, tokenizer.VocabSize, tokenizer.EndOfText, null);
    }

    // ARPA files separate by white space, so that a token that holds some is written with its code.
    private static string Spelling(string piece)
    {
        if (piece.Length > 0 && !piece.Any(char.IsWhiteSpace) && !piece.Any(char.IsControl)) return piece;
        var spelling = new StringBuilder();
        foreach (var rune in piece.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)) spelling.Append(CultureInfo.InvariantCulture, $"<U+{rune.Value:X4}>");
            else spelling.Append(rune);
        }
        return spelling.Length > 0 ? spelling.ToString() : "<U+>";
    }
}
