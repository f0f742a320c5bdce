namespace Stemma.Text.Chat.Templates;

/// <summary>What a piece of a template is.</summary>
internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Operator,
    String,
    Integer,
    Float,
    End,
}

/// <summary>A piece of a template and where it starts in the source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its spelling; of a string, its value.</param>
/// <param name="Position">Where it starts, in UTF-16 code units of the source with its line ends made <c>\n</c>.</param>
internal readonly record struct TemplateToken(TokenKind Kind, string Text, int Position)
{
    public bool Is(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string spelling) => Kind == TokenKind.Operator && Text == spelling;

    public string Describe() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.VariableEnd => "\"}}\"",
        TokenKind.BlockEnd => "\"%}\"",
        TokenKind.String => "a string",
        _ => $"\"{Text}\"",
    };
}
