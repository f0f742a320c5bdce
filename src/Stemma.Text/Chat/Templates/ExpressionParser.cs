using System.Globalization;
using System.Runtime.CompilerServices;

namespace Stemma.Text.Chat.Templates;

/// <summary>Reads expressions, with Jinja's precedence: conditional, or, and, not, comparison, + −, ~, * / // %, **, sign, postfix, filter and test.</summary>
internal sealed class ExpressionParser(TokenReader reader)
{
    // A chain of operators makes a tree as deep as it is long, and so does nesting; both are bounded for the sake of the stack.
    private const int MaxDepth = 1000;

    private int depth;

    public Expression Read(bool allowConditional = true)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw reader.Source.Error(reader.Current.Position, "the expression nests too deep.");
        var before = depth;
        Deepen();
        var value = ReadOr();
        while (allowConditional && reader.Current is var token && reader.TakeIf("if"))
        {
            Deepen();
            var condition = ReadOr();
            value = new Conditional(token.Position, condition, value, reader.TakeIf("else") ? Read() : null);
        }

        depth = before;
        return value;
    }

    /// <summary>One expression, or several with commas, which are a tuple.</summary>
    public Expression ReadList(bool allowConditional = true)
    {
        var position = reader.Current.Position;
        var first = Read(allowConditional);
        if (!reader.Current.IsOperator(",")) return first;
        List<Expression> items = [first];
        while (reader.TakeOperator(","))
        {
            if (reader.Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || reader.Current.IsOperator(")")) break;
            items.Add(Read(allowConditional));
        }

        return new TupleLiteral(position, items);
    }

    public List<Filter> ReadFilters()
    {
        List<Filter> filters = [];
        while (reader.TakeOperator("|")) filters.Add(ReadFilter(null));
        return filters;
    }

    private void Deepen()
    {
        if (++depth > MaxDepth) throw reader.Source.Error(reader.Current.Position, $"the expression has more than {MaxDepth} operations; divide it with \"set\".");
    }

    private Expression ReadOr()
    {
        var left = ReadAnd();
        while (reader.Current is var token && reader.TakeIf("or")) left = Deeper(new Logical(token.Position, isAnd: false, left, ReadAnd()));
        return left;
    }

    private Expression ReadAnd()
    {
        var left = ReadNot();
        while (reader.Current is var token && reader.TakeIf("and")) left = Deeper(new Logical(token.Position, isAnd: true, left, ReadNot()));
        return left;
    }

    private Expression ReadNot()
    {
        if (!reader.Current.Is("not")) return ReadComparison();
        var position = reader.Take().Position;
        Deepen();
        return new Not(position, ReadNot());
    }

    private Expression ReadComparison()
    {
        var position = reader.Current.Position;
        var first = ReadSum();
        List<(string, Expression)> rest = [];
        while (ComparisonOperator() is { } operation) rest.Add((operation, ReadSum()));
        return rest.Count == 0 ? first : new Comparison(position, first, rest);
    }

    private string? ComparisonOperator()
    {
        if (reader.Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" }) return reader.Take().Text;
        if (reader.TakeIf("in")) return "in";
        if (!reader.Current.Is("not") || !reader.Ahead.Is("in")) return null;
        reader.Take();
        reader.Take();
        return "not in";
    }

    private Expression ReadSum() => ReadChain(ReadJoin, "+", "-");

    private Expression ReadJoin() => ReadChain(ReadProduct, "~");

    private Expression ReadProduct() => ReadChain(ReadPower, "*", "/", "//", "%");

    private Expression ReadPower() => ReadChain(() => ReadUnary(), "**");

    private Expression ReadChain(Func<Expression> readOperand, params ReadOnlySpan<string> operators)
    {
        var left = readOperand();
        while (reader.Current.Kind == TokenKind.Operator && operators.Contains(reader.Current.Text))
        {
            var token = reader.Take();
            left = Deeper(new Arithmetic(token.Position, token.Text, left, readOperand()));
        }

        return left;
    }

    private Expression ReadUnary(bool withFilters = true)
    {
        Expression value;
        if (reader.Current is { Kind: TokenKind.Operator, Text: "-" or "+" })
        {
            var sign = reader.Take();
            Deepen();
            value = new Signed(sign.Position, sign.Text == "-", ReadUnary(withFilters: false));
        }
        else
        {
            value = ReadPrimary();
        }

        value = ReadPostfix(value);
        return withFilters ? ReadFiltersAndTests(value) : value;
    }

    private Expression ReadPrimary()
    {
        var token = reader.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Position, true),
                    "false" or "False" => new Literal(token.Position, false),
                    "none" or "None" => new Literal(token.Position, null),
                    _ => new Name(token.Position, token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (reader.Current.Kind == TokenKind.String) text += reader.Take().Text;
                return new Literal(token.Position, text);
            case TokenKind.Integer: return new Literal(token.Position, long.Parse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture));
            case TokenKind.Float: return new Literal(token.Position, double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Text == "(":
                if (reader.TakeOperator(")")) return new TupleLiteral(token.Position, []);
                var inner = ReadList();
                reader.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[": return new ListLiteral(token.Position, ReadUntil("]", () => Read()));
            case TokenKind.Operator when token.Text == "{":
                return new MapLiteral(token.Position, ReadUntil("}", () =>
                {
                    var key = Read();
                    reader.ExpectOperator(":");
                    return (key, Read());
                }));
            default: throw reader.Source.Error(token.Position, $"an expression is wanted here, not {token.Describe()}.");
        }
    }

    private List<T> ReadUntil<T>(string end, Func<T> read)
    {
        List<T> items = [];
        while (!reader.TakeOperator(end))
        {
            if (items.Count > 0)
            {
                reader.ExpectOperator(",");
                if (reader.TakeOperator(end)) break;
            }

            items.Add(read());
        }

        return items;
    }

    private Expression ReadPostfix(Expression value)
    {
        while (true)
        {
            var token = reader.Current;
            if (reader.TakeOperator(".")) value = Deeper(ReadMember(token.Position, value));
            else if (reader.TakeOperator("[")) value = Deeper(ReadItem(token.Position, value));
            else if (token.IsOperator("(")) value = Deeper(new Invocation(value.Position, value, ReadArguments()));
            else return value;
        }
    }

    private Expression ReadMember(int position, Expression value) => reader.Current.Kind switch
    {
        TokenKind.Integer => new Item(position, value, ReadPrimary()),
        _ => new Member(position, value, reader.Expect(TokenKind.Name, "a name").Text),
    };

    private Expression ReadItem(int position, Expression value)
    {
        var start = reader.Current.IsOperator(":") ? null : Read();
        if (reader.TakeOperator("]") && start is not null) return new Item(position, value, start);
        reader.ExpectOperator(":");
        var stop = reader.Current.IsOperator(":") || reader.Current.IsOperator("]") ? null : Read();
        var step = reader.TakeOperator(":") && !reader.Current.IsOperator("]") ? Read() : null;
        reader.ExpectOperator("]");
        return new Slice(position, value, start, stop, step);
    }

    private Arguments ReadArguments()
    {
        reader.ExpectOperator("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        ReadUntil(")", () =>
        {
            if (reader.Current is { Kind: TokenKind.Operator, Text: "*" or "**" }) throw reader.Source.Error(reader.Current.Position, "arguments unpacked with * are not supported.");
            if (reader.Current.Kind == TokenKind.Name && reader.Ahead.IsOperator("="))
            {
                var name = reader.Take().Text;
                reader.Take();
                named.Add((name, Read()));
            }
            else
            {
                if (named.Count > 0) throw reader.Source.Error(reader.Current.Position, "an argument without a name stands after one with a name.");
                positional.Add(Read());
            }

            return true;
        });
        return new(positional, named);
    }

    private Expression ReadFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (reader.TakeOperator("|")) value = Deeper(ReadFilter(value));
            else if (reader.TakeIf("is")) value = Deeper(ReadTest(value));
            else if (reader.Current.IsOperator("(")) value = Deeper(new Invocation(value.Position, value, ReadArguments()));
            else return value;
        }
    }

    private Filter ReadFilter(Expression? value)
    {
        var token = reader.Expect(TokenKind.Name, "the name of a filter");
        var filter = Filters.Find(token.Text)
            ?? throw reader.Source.Error(token.Position, $"the filter \"{token.Text}\" is not supported. Supported are {string.Join(", ", Filters.Names)}.");
        return new Filter(token.Position, token.Text, filter, value, reader.Current.IsOperator("(") ? ReadArguments() : Arguments.None);
    }

    private Expression ReadTest(Expression value)
    {
        var isNegated = reader.TakeIf("not");
        var token = reader.Expect(TokenKind.Name, "the name of a test");
        var test = Tests.Find(token.Text)
            ?? throw reader.Source.Error(token.Position, $"the test \"{token.Text}\" is not supported. Supported are {string.Join(", ", Tests.Names)}.");
        var arguments = Arguments.None;
        if (reader.Current.IsOperator("(")) arguments = ReadArguments();
        else if (StartsArgument(reader.Current)) arguments = new([ReadPostfix(ReadPrimary())], []);
        Expression result = new Test(token.Position, token.Text, test, value, arguments);
        return isNegated ? new Not(token.Position, result) : result;
    }

    private static bool StartsArgument(TemplateToken token) => token.Kind switch
    {
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Name => token.Text is not ("else" or "or" or "and" or "is" or "if" or "not" or "in"),
        TokenKind.Operator => token.Text is "[" or "{",
        _ => false,
    };

    private T Deeper<T>(T expression)
        where T : Expression
    {
        Deepen();
        return expression;
    }
}
