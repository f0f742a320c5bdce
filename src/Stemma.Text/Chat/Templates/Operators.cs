namespace Stemma.Text.Chat.Templates;

/// <summary>Arithmetic, joining and comparison by Python's rules.</summary>
internal static class Operators
{
    public static object? Apply(RenderState state, int position, string operation, object? left, object? right)
    {
        switch (operation, left, right)
        {
            case ("~", _, _): return Join(state, position, Values.Text(left), Values.Text(right));
            case ("+", string x, string y): return Join(state, position, x, y);
            case ("+", List<object?> x, List<object?> y):
                state.Spend(x.Count + y.Count, position);
                return x is TemplateTuple ? new TemplateTuple([.. x, .. y]) : new List<object?>([.. x, .. y]);
            case ("*", string text, _) when Values.Integer(right) is { } count: return Repeat(state, position, text, count);
            case ("*", _, string text) when Values.Integer(left) is { } count: return Repeat(state, position, text, count);
            case (_, double, _) or (_, _, double) when Values.IsNumber(left) && Values.IsNumber(right):
            case ("/", _, _) when Values.IsNumber(left) && Values.IsNumber(right):
                return Compute(state, position, operation, Values.Number(left), Values.Number(right));
        }

        if (Values.Integer(left) is not { } a || Values.Integer(right) is not { } b)
            throw state.Source.Error(position, $"\"{operation}\" does not work on {Values.Describe(left)} and {Values.Describe(right)}.");
        try
        {
            return operation switch
            {
                "+" => checked(a + b),
                "-" => checked(a - b),
                "*" => checked(a * b),
                "//" when b != 0 => checked(a / b) - (a % b != 0 && a < 0 != b < 0 ? 1 : 0),
                "%" when b != 0 => b == -1 ? 0 : a % b + (a % b != 0 && a < 0 != b < 0 ? b : 0),
                "**" => Power(a, b),
                _ => throw state.Source.Error(position, "division by zero."),
            };
        }
        catch (OverflowException)
        {
            throw state.Source.Error(position, $"the result of \"{operation}\" is too large for a whole number of 64 bits.");
        }
    }

    public static bool Holds(RenderState state, int position, string operation, object? left, object? right)
    {
        switch (operation)
        {
            case "==": return Values.AreEqual(left, right);
            case "!=": return !Values.AreEqual(left, right);
            case "in": return Contains(state, position, right, left);
            case "not in": return !Contains(state, position, right, left);
        }

        if (Values.Compare(left, right) is not { } order)
            throw state.Source.Error(position, $"\"{operation}\" does not order {Values.Describe(left)} and {Values.Describe(right)}.");
        return operation switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    public static bool Contains(RenderState state, int position, object? container, object? value) => (container, value) switch
    {
        (string text, string part) => text.Contains(part, StringComparison.Ordinal),
        (List<object?> list, _) => list.Exists(item => Values.AreEqual(item, value)),
        (TemplateMap map, _) => value is string key && map.ContainsKey(key),
        (Undefined, _) => false,
        _ => throw state.Source.Error(position, $"\"in\" cannot look for {Values.Describe(value)} in {Values.Describe(container)}."),
    };

    private static string Join(RenderState state, int position, string left, string right)
    {
        state.Spend(left.Length + right.Length, position);
        return left + right;
    }

    private static string Repeat(RenderState state, int position, string text, long count)
    {
        if (count <= 0 || text.Length == 0) return "";
        state.Spend(count > int.MaxValue ? long.MaxValue / 2 : text.Length * count, position);
        return string.Concat(Enumerable.Repeat(text, (int)count));
    }

    private static double Compute(RenderState state, int position, string operation, double a, double b)
    {
        if (b == 0 && operation is "/" or "//" or "%") throw state.Source.Error(position, "division by zero.");
        return operation switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - b * Math.Floor(a / b),
            _ => Math.Pow(a, b),
        };
    }

    private static object Power(long value, long exponent)
    {
        if (exponent < 0) return Math.Pow(value, exponent);
        if (value is 0 or 1 or -1) return exponent == 0 || value == 1 || (value == -1 && exponent % 2 == 0) ? 1L : value;
        if (exponent > 63) throw new OverflowException();
        var result = 1L;
        for (var i = 0L; i < exponent; i++) result = checked(result * value);
        return result;
    }
}
