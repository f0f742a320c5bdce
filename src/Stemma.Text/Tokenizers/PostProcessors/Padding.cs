namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>How inputs are filled up to one length.</summary>
/// <param name="Length">The length; null for that of the longest input of a batch.</param>
/// <param name="Token">The token they are filled up with.</param>
/// <param name="TypeId">Its type id.</param>
/// <param name="MultipleOf">The length is rounded up to a multiple of this; null for none.</param>
/// <param name="OnLeft">Whether padding goes before the tokens.</param>
public sealed record Padding(int? Length, SpecialToken Token, int TypeId = 0, int? MultipleOf = null, bool OnLeft = false)
{
    /// <summary>An input filled up.</summary>
    /// <param name="input">The input.</param>
    /// <param name="longest">The longest of its batch.</param>
    internal EncodedText Fill(EncodedText input, int longest)
    {
        var length = Length ?? longest;
        if (MultipleOf is > 0 and var multiple && length % multiple > 0) length += multiple - length % multiple;
        var overflow = input.Overflow.Select(part => Fill(part, longest)).ToArray();
        if (input.Tokens.Count >= length) return new EncodedText(input.Tokens, overflow);
        var padding = Enumerable.Repeat(new EncodedToken(new TokenSpan(Token.Id, Token.Piece, 0, 0, 0, 0), TypeId, IsSpecial: true, IsPadding: true), length - input.Tokens.Count);
        return new EncodedText(OnLeft ? [.. padding, .. input.Tokens] : [.. input.Tokens, .. padding], overflow);
    }
}
