namespace Stemma.Text.Chat.Templates;

/// <summary>A part of a template that has a value.</summary>
/// <param name="position">Where it stands in the source.</param>
internal abstract class Expression(int position)
{
    public int Position => position;

    public object? Evaluate(Scope scope)
    {
        scope.State.Step(position);
        return Compute(scope);
    }

    protected abstract object? Compute(Scope scope);
}

internal sealed class Literal(int position, object? value) : Expression(position)
{
    protected override object? Compute(Scope scope) => value;
}

internal sealed class Name(int position, string name) : Expression(position)
{
    protected override object? Compute(Scope scope) => scope.TryGet(name, out var value) ? value : Undefined.Of(name);
}

internal sealed class ListLiteral(int position, List<Expression> items) : Expression(position)
{
    protected override object? Compute(Scope scope) => items.Select(item => item.Evaluate(scope)).ToList();
}

internal sealed class TupleLiteral(int position, List<Expression> items) : Expression(position)
{
    protected override object? Compute(Scope scope) => new TemplateTuple(items.Select(item => item.Evaluate(scope)));
}

internal sealed class MapLiteral(int position, List<(Expression Key, Expression Value)> fields) : Expression(position)
{
    protected override object? Compute(Scope scope)
    {
        TemplateMap map = [];
        foreach (var (key, value) in fields)
            map[key.Evaluate(scope) as string ?? throw scope.State.Source.Error(key.Position, "only strings are supported as names of fields.")] = value.Evaluate(scope);
        return map;
    }
}

/// <summary><c>then if condition else otherwise</c>; without <c>else</c> undefined.</summary>
internal sealed class Conditional(int position, Expression condition, Expression then, Expression? otherwise) : Expression(position)
{
    protected override object? Compute(Scope scope) => Values.IsTrue(condition.Evaluate(scope))
        ? then.Evaluate(scope)
        : otherwise is null ? new Undefined("the condition is false and there is no \"else\"") : otherwise.Evaluate(scope);
}

/// <summary><c>and</c> and <c>or</c>: the first operand that decides.</summary>
internal sealed class Logical(int position, bool isAnd, Expression left, Expression right) : Expression(position)
{
    protected override object? Compute(Scope scope)
    {
        var first = left.Evaluate(scope);
        return Values.IsTrue(first) == isAnd ? right.Evaluate(scope) : first;
    }
}

internal sealed class Not(int position, Expression operand) : Expression(position)
{
    protected override object? Compute(Scope scope) => !Values.IsTrue(operand.Evaluate(scope));
}

internal sealed class Arithmetic(int position, string operation, Expression left, Expression right) : Expression(position)
{
    protected override object? Compute(Scope scope) => Operators.Apply(scope.State, Position, operation, left.Evaluate(scope), right.Evaluate(scope));
}

internal sealed class Signed(int position, bool isNegative, Expression operand) : Expression(position)
{
    protected override object? Compute(Scope scope) => operand.Evaluate(scope) switch
    {
        double number => (object)(isNegative ? -number : number),
        var value when Values.Integer(value) is { } whole && whole != long.MinValue => isNegative ? -whole : whole,
        var value => throw scope.State.Source.Error(Position, $"a sign needs a number, not {Values.Describe(value)}."),
    };
}

/// <summary>Comparisons in a row: each must hold between its neighbours.</summary>
internal sealed class Comparison(int position, Expression first, List<(string Operation, Expression Operand)> rest) : Expression(position)
{
    protected override object? Compute(Scope scope)
    {
        var left = first.Evaluate(scope);
        foreach (var (operation, operand) in rest)
        {
            var right = operand.Evaluate(scope);
            if (!Operators.Holds(scope.State, Position, operation, left, right)) return false;
            left = right;
        }

        return true;
    }
}

/// <summary><c>value.name</c>: a method or attribute first, then a field.</summary>
internal sealed class Member(int position, Expression value, string name) : Expression(position)
{
    protected override object? Compute(Scope scope) => Members.Attribute(scope.State, Position, value.Evaluate(scope), name);
}

/// <summary><c>value[key]</c>: an item or field first, then a method.</summary>
internal sealed class Item(int position, Expression value, Expression key) : Expression(position)
{
    protected override object? Compute(Scope scope) => Members.Item(scope.State, Position, value.Evaluate(scope), key.Evaluate(scope));
}

internal sealed class Slice(int position, Expression value, Expression? start, Expression? stop, Expression? step) : Expression(position)
{
    protected override object? Compute(Scope scope)
    {
        var sliced = value.Evaluate(scope);
        var (from, to, by) = (Bound(start, scope), Bound(stop, scope), Bound(step, scope) ?? 1);
        if (by == 0) throw scope.State.Source.Error(Position, "the step of a slice must not be 0.");
        if (sliced is not (string or List<object?>)) throw scope.State.Source.Error(Position, $"only strings and lists can be sliced, not {Values.Describe(sliced)}.");
        var items = Values.Items(sliced)!;
        var (first, end) = by > 0 ? (Clamp(from ?? 0, items.Count, 0, items.Count), Clamp(to ?? items.Count, items.Count, 0, items.Count))
            : (Clamp(from ?? items.Count - 1, items.Count, -1, items.Count - 1), to is null ? -1 : Clamp(to.Value, items.Count, -1, items.Count - 1));
        List<object?> taken = [];
        for (var i = first; by > 0 ? i < end : i > end; i += by) taken.Add(items[(int)i]);
        scope.State.Spend(taken.Count, Position);
        return sliced is string ? string.Concat(taken) : sliced is TemplateTuple ? new TemplateTuple(taken) : taken;
    }

    private static long Clamp(long index, int count, int lowest, int highest) => Math.Clamp(index < 0 ? Math.Max(index, -count - 1L) + count : index, lowest, highest);

    private static long? Bound(Expression? bound, Scope scope) => bound?.Evaluate(scope) switch
    {
        null => null,
        var value when Values.Integer(value) is { } whole => Math.Clamp(whole, int.MinValue, int.MaxValue),
        var value => throw scope.State.Source.Error(bound!.Position, $"a slice needs whole numbers, not {Values.Describe(value)}."),
    };
}

/// <summary>The arguments as a call writes them.</summary>
internal sealed record Arguments(List<Expression> Positional, List<(string Name, Expression Value)> Named)
{
    public static Arguments None { get; } = new([], []);

    public Call Evaluate(Scope scope, string name, int position)
    {
        TemplateMap named = [];
        foreach (var (key, value) in Named)
            if (!named.TryAdd(key, value.Evaluate(scope))) throw scope.State.Source.Error(position, $"the argument \"{key}\" is given twice.");
        return new(scope.State, name, position, [.. Positional.Select(argument => argument.Evaluate(scope))], named);
    }
}

internal sealed class Invocation(int position, Expression function, Arguments arguments) : Expression(position)
{
    protected override object? Compute(Scope scope) => function.Evaluate(scope) switch
    {
        Callable callable => callable.Invoke(arguments.Evaluate(scope, callable.Name, Position)),
        var value => throw scope.State.Source.Error(Position, $"{Values.Describe(value)} cannot be called."),
    };
}

internal sealed class Filter(int position, string name, Func<object?, Call, object?> filter, Expression? value, Arguments arguments) : Expression(position)
{
    protected override object? Compute(Scope scope) => Apply(scope, value!.Evaluate(scope));

    public object? Apply(Scope scope, object? input) => filter(input, arguments.Evaluate(scope, name, Position));
}

internal sealed class Test(int position, string name, Func<object?, Call, bool> test, Expression value, Arguments arguments) : Expression(position)
{
    protected override object? Compute(Scope scope) => test(value.Evaluate(scope), arguments.Evaluate(scope, name, Position));
}
