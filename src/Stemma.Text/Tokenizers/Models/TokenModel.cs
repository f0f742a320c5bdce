using System.Text.Json;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>
/// The part of a tokenizer that turns one pre-token (a word, already normalised) into ids: BPE, WordPiece, WordLevel, Unigram. It knows
/// nothing of normalisation, of special tokens or of decoding. Its tokens have the ids 0 … <see cref="VocabSize"/> − 1 without a gap;
/// the tokenizer adds more behind them.
/// </summary>
/// <remarks>A model does not change once made and serves every thread; what needs scratch memory is its <see cref="WordEncoder"/>.</remarks>
public abstract class TokenModel
{
    private protected TokenModel()
    {
    }

    /// <summary>The number of tokens of the model, without the tokenizer's added ones.</summary>
    public abstract int VocabSize { get; }

    /// <summary>The token as its vocabulary spells it, for example <c>▁the</c> or <c>##ing</c>. Needs 0 ≤ id &lt; <see cref="VocabSize"/>.</summary>
    public abstract string Piece(int id);

    /// <summary>The id of a spelling; false when the vocabulary has none.</summary>
    public abstract bool TryGetId(ReadOnlySpan<char> piece, out int id);

    /// <summary>Whether the same word always has the same tokens, so that a cache may answer for it.</summary>
    internal virtual bool IsCacheable => true;

    /// <summary>A new encoder. The tokenizer keeps one for each thread at work.</summary>
    internal abstract WordEncoder StartEncoder();

    /// <summary>Adds all that decides what the model does, its type included, vocabulary apart (the tokenizer adds that).</summary>
    internal abstract void AddTo(TokenizerHash hash);

    /// <summary>Writes the members of the <c>model</c> object of <c>tokenizer.json</c>, <c>type</c> included, without its braces.</summary>
    internal abstract void Write(Utf8JsonWriter json);
}
