namespace Stemma.Text.Tokenizers;

/// <summary>A token that is matched as a whole, before the text around it is split.</summary>
/// <param name="Id">Its id, 0 ≤ id &lt; vocabulary size.</param>
/// <param name="Content">Its spelling, at least one character.</param>
/// <param name="IsSpecial">Whether it is a control token: matched in text only when the caller allows special tokens.</param>
/// <param name="IsNormalized">Whether it is looked for after normalisation, that is, after the tokens that are not.</param>
/// <param name="IsSingleWord">Whether it matches only where no word character touches it (<c>single_word</c>).</param>
/// <param name="StripsLeft">Whether it takes the white space before it too (<c>lstrip</c>).</param>
/// <param name="StripsRight">Whether it takes the white space behind it too (<c>rstrip</c>).</param>
public sealed record AddedToken(
    int Id, string Content, bool IsSpecial, bool IsNormalized = false, bool IsSingleWord = false, bool StripsLeft = false, bool StripsRight = false);
