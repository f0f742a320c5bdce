namespace Stemma.Text.Chat.Templates;

/// <summary>Goes through the tokens of a template.</summary>
internal sealed class TokenReader(TemplateSource source)
{
    private readonly List<TemplateToken> tokens = Lexer.Tokens(source);
    private int next;

    public TemplateSource Source => source;

    public TemplateToken Current => tokens[next];

    public TemplateToken Ahead => tokens[Math.Min(next + 1, tokens.Count - 1)];

    public TemplateToken Take() => Current.Kind == TokenKind.End ? Current : tokens[next++];

    public bool TakeIf(string name)
    {
        if (!Current.Is(name)) return false;
        next++;
        return true;
    }

    public bool TakeOperator(string spelling)
    {
        if (!Current.IsOperator(spelling)) return false;
        next++;
        return true;
    }

    public TemplateToken Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public void ExpectOperator(string spelling)
    {
        if (!TakeOperator(spelling)) throw Unexpected($"\"{spelling}\"");
    }

    public void ExpectName(string name)
    {
        if (!TakeIf(name)) throw Unexpected($"\"{name}\"");
    }

    public TextFormatException Unexpected(string wanted) => source.Error(Current.Position, $"{wanted} is wanted here, not {Current.Describe()}.");
}
