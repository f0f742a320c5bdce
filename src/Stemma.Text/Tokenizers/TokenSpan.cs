namespace Stemma.Text.Tokenizers;

/// <summary>A token and the stretch of text it stands for. Ends are exclusive.</summary>
/// <param name="Id">The token's id, 0 ≤ id &lt; vocabulary size.</param>
/// <param name="Piece">The token as its vocabulary spells it, for example <c>Ġthe</c>.</param>
/// <param name="CharStart">Where it starts in the text, in UTF-16 code units.</param>
/// <param name="CharEnd">Where it ends. A token that holds a part of a character has that character's span.</param>
/// <param name="ByteStart">Where it starts in the text's UTF-8 form, in bytes.</param>
/// <param name="ByteEnd">Where it ends in the text's UTF-8 form.</param>
public readonly record struct TokenSpan(int Id, string Piece, int CharStart, int CharEnd, int ByteStart, int ByteEnd);
