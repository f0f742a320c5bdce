using System.Runtime.CompilerServices;

namespace Stemma.Text.Chat.Templates;

/// <summary>Reads the statements of a template: text, output, <c>if for set macro break continue generation</c>.</summary>
internal sealed class StatementParser
{
    private const int MaxDepth = 100;

    private readonly TokenReader reader;
    private readonly ExpressionParser expressions;
    private int depth;
    private int loops;

    private StatementParser(TemplateSource source)
    {
        reader = new TokenReader(source);
        expressions = new ExpressionParser(reader);
    }

    public static List<Statement> Read(TemplateSource source)
    {
        var parser = new StatementParser(source);
        var statements = parser.ReadBody(0, []);
        return statements;
    }

    /// <summary>Statements up to a tag of one of these names, whose name is the current token then.</summary>
    private List<Statement> ReadBody(int start, params ReadOnlySpan<string> ends)
    {
        if (++depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw reader.Source.Error(reader.Current.Position, $"tags are nested more than {MaxDepth} deep.");
        List<Statement> statements = [];
        while (true)
        {
            var token = reader.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new DataStatement(token.Position, token.Text));
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new OutputStatement(expressions.ReadList()));
                    reader.Expect(TokenKind.VariableEnd, "\"}}\"");
                    break;
                case TokenKind.BlockBegin when reader.Current.Kind == TokenKind.Name && ends.Contains(reader.Current.Text):
                    depth--;
                    return statements;
                case TokenKind.BlockBegin:
                    statements.Add(ReadStatement());
                    reader.Expect(TokenKind.BlockEnd, "\"%}\"");
                    break;
                default:
                    if (ends.Length > 0) throw reader.Source.Error(start, $"the tag that starts here has no end \"{ends[^1]}\".");
                    return statements;
            }
        }
    }

    private Statement ReadStatement()
    {
        var token = reader.Expect(TokenKind.Name, "the name of a tag");
        switch (token.Text)
        {
            case "if": return ReadIf(token.Position);
            case "for": return ReadFor(token.Position);
            case "set": return ReadSet(token.Position);
            case "macro": return ReadMacro(token.Position);
            case "generation": return new GenerationStatement(token.Position, ReadEnded(token.Position, "endgeneration"));
            case "break" or "continue":
                if (loops == 0) throw reader.Source.Error(token.Position, $"\"{token.Text}\" stands outside a loop.");
                return new LoopControl(token.Text == "break" ? Flow.Break : Flow.Continue);
            default:
                throw reader.Source.Error(token.Position, token.Text.StartsWith("end", StringComparison.Ordinal) || token.Text is "else" or "elif"
                    ? $"\"{token.Text}\" ends nothing that is open here."
                    : $"the tag \"{token.Text}\" is not supported. Supported are if, for, set, macro, break, continue, generation, raw.");
        }
    }

    private List<Statement> ReadEnded(int start, string end)
    {
        reader.Expect(TokenKind.BlockEnd, "\"%}\"");
        var body = ReadBody(start, end);
        reader.ExpectName(end);
        return body;
    }

    private IfStatement ReadIf(int start)
    {
        List<(Expression, List<Statement>)> branches = [];
        do
        {
            var condition = expressions.ReadList(allowConditional: false);
            reader.Expect(TokenKind.BlockEnd, "\"%}\"");
            branches.Add((condition, ReadBody(start, "elif", "else", "endif")));
        }
        while (reader.TakeIf("elif"));
        if (reader.TakeIf("else")) return new IfStatement(branches, ReadEnded(start, "endif"));
        reader.ExpectName("endif");
        return new IfStatement(branches, []);
    }

    private ForStatement ReadFor(int start)
    {
        var target = ReadTarget(allowField: false);
        reader.ExpectName("in");
        var items = expressions.ReadList(allowConditional: false);
        var condition = reader.TakeIf("if") ? expressions.Read() : null;
        if (reader.Current.Is("recursive")) throw reader.Source.Error(reader.Current.Position, "recursive loops are not supported; use a macro that calls itself.");
        reader.Expect(TokenKind.BlockEnd, "\"%}\"");
        loops++;
        var body = ReadBody(start, "else", "endfor");
        loops--;
        if (reader.TakeIf("else")) return new ForStatement(start, target, items, condition, body, ReadEnded(start, "endfor"));
        reader.ExpectName("endfor");
        return new ForStatement(start, target, items, condition, body, []);
    }

    private Statement ReadSet(int start)
    {
        var target = ReadTarget(allowField: true);
        if (reader.TakeOperator("=")) return new SetStatement(target, expressions.ReadList());
        var filters = expressions.ReadFilters();
        return new SetBlock(start, target, filters, ReadOutsideLoops(() => ReadEnded(start, "endset")));
    }

    private MacroStatement ReadMacro(int start)
    {
        var name = reader.Expect(TokenKind.Name, "the name of the macro").Text;
        reader.ExpectOperator("(");
        List<(string Name, Expression? Default)> parameters = [];
        while (!reader.TakeOperator(")"))
        {
            if (parameters.Count > 0) reader.ExpectOperator(",");
            var parameter = reader.Expect(TokenKind.Name, "the name of an argument");
            var value = reader.TakeOperator("=") ? expressions.Read() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Default is not null) throw reader.Source.Error(parameter.Position, $"the argument \"{parameter.Text}\" without a default stands after one with a default.");
            if (parameters.Exists(other => other.Name == parameter.Text)) throw reader.Source.Error(parameter.Position, $"the argument \"{parameter.Text}\" is named twice.");
            parameters.Add((parameter.Text, value));
        }

        return new MacroStatement(start, name, parameters, ReadOutsideLoops(() => ReadEnded(start, "endmacro")));
    }

    private List<Statement> ReadOutsideLoops(Func<List<Statement>> read)
    {
        var around = loops;
        loops = 0;
        var body = read();
        loops = around;
        return body;
    }

    private Target ReadTarget(bool allowField)
    {
        var inParentheses = reader.TakeOperator("(");
        var first = TargetName();
        if (allowField && !inParentheses && reader.TakeOperator(".")) return new Target(first.Position, [first.Text], reader.Expect(TokenKind.Name, "a name").Text);
        List<string> names = [first.Text];
        while (reader.TakeOperator(",")) names.Add(TargetName().Text);
        if (inParentheses) reader.ExpectOperator(")");
        return new Target(first.Position, names, null);
    }

    private TemplateToken TargetName()
    {
        var token = reader.Expect(TokenKind.Name, "a name");
        if (token.Text is "true" or "false" or "none" or "True" or "False" or "None" or "loop") throw reader.Source.Error(token.Position, $"\"{token.Text}\" cannot be set.");
        return token;
    }
}
