namespace Stemma.Text.Chat.Templates;

/// <summary>How a statement ends.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A part of a template that does something.</summary>
internal abstract class Statement
{
    public abstract Flow Run(Scope scope);

    public static Flow RunAll(List<Statement> statements, Scope scope)
    {
        foreach (var statement in statements)
            if (statement.Run(scope) is var flow && flow != Flow.Next) return flow;
        return Flow.Next;
    }
}

internal sealed class DataStatement(int position, string text) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.State.Write(text, position);
        return Flow.Next;
    }
}

internal sealed class OutputStatement(Expression value) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.State.Write(Values.Text(value.Evaluate(scope)), value.Position);
        return Flow.Next;
    }
}

internal sealed class IfStatement(List<(Expression Condition, List<Statement> Body)> branches, List<Statement> otherwise) : Statement
{
    public override Flow Run(Scope scope)
    {
        foreach (var (condition, body) in branches)
            if (Values.IsTrue(condition.Evaluate(scope))) return RunAll(body, scope);
        return RunAll(otherwise, scope);
    }
}

internal sealed class LoopControl(Flow flow) : Statement
{
    public override Flow Run(Scope scope) => flow;
}

/// <summary>Where a value goes: a name, several names, or a field of a namespace.</summary>
internal sealed class Target(int position, List<string> names, string? field)
{
    public void Assign(Scope scope, object? value)
    {
        if (field is not null)
        {
            if (!scope.TryGet(names[0], out var space) || space is not TemplateNamespace found) throw scope.State.Source.Error(position, $"\"{names[0]}\" is not a namespace, so \"{field}\" cannot be set.");
            found.Fields[field] = value;
        }
        else if (names.Count == 1)
        {
            scope.Set(names[0], value);
        }
        else
        {
            var items = Values.Items(value) ?? throw scope.State.Source.Error(position, $"{Values.Describe(value)} cannot be given to {names.Count} names.");
            if (items.Count != names.Count) throw scope.State.Source.Error(position, $"{items.Count} values cannot be given to {names.Count} names.");
            for (var i = 0; i < names.Count; i++) scope.Set(names[i], items[i]);
        }
    }
}

internal sealed class SetStatement(Target target, Expression value) : Statement
{
    public override Flow Run(Scope scope)
    {
        target.Assign(scope, value.Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary>A name for what a part of the template writes.</summary>
internal sealed class SetBlock(int position, Target target, List<Filter> filters, List<Statement> body) : Statement
{
    public override Flow Run(Scope scope)
    {
        object? text = scope.State.Capture(() => RunAll(body, scope.Inner()), position);
        foreach (var filter in filters) text = filter.Apply(scope, text);
        target.Assign(scope, text);
        return Flow.Next;
    }
}

internal sealed class MacroStatement(int position, string name, List<(string Name, Expression? Default)> parameters, List<Statement> body) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.Set(name, new Callable(name, call =>
        {
            var values = call.Bind([.. parameters.Select(parameter => parameter.Name)], 0, out var given);
            var inner = scope.Inner();
            for (var i = 0; i < values.Length; i++)
                inner.Set(parameters[i].Name, given[i] ? values[i] : parameters[i].Default?.Evaluate(inner) ?? (parameters[i].Default is null ? Undefined.Of(parameters[i].Name) : null));
            return scope.State.Capture(() => RunAll(body, inner), position);
        }));
        return Flow.Next;
    }
}

/// <summary>A part whose text the model is to learn: <c>{% generation %}</c>.</summary>
internal sealed class GenerationStatement(int position, List<Statement> body) : Statement
{
    public override Flow Run(Scope scope)
    {
        var flow = Flow.Next;
        scope.State.Generation(() => flow = RunAll(body, scope.Inner()), position);
        return flow;
    }
}

internal sealed class ForStatement(int position, Target target, Expression items, Expression? condition, List<Statement> body, List<Statement> otherwise) : Statement
{
    public override Flow Run(Scope scope)
    {
        var value = items.Evaluate(scope);
        var list = Values.Items(value) ?? throw scope.State.Source.Error(items.Position, $"a loop cannot go through {Values.Describe(value)}.");
        if (condition is not null) list = [.. list.Where(item => Values.IsTrue(condition.Evaluate(Turn(scope, item))))];
        var completed = false;
        for (var i = 0; i < list.Count; i++)
        {
            scope.State.Step(position);
            var inner = Turn(scope, list[i]);
            inner.Set("loop", new LoopVariable(list, i));
            var flow = Flow.Next;
            scope.State.Turn(list[i], () => flow = RunAll(body, inner));
            completed |= flow == Flow.Next;
            if (flow == Flow.Break) break;
        }

        // As the original: also when every turn that began was left by break or continue.
        return completed ? Flow.Next : RunAll(otherwise, scope.Inner());
    }

    private Scope Turn(Scope scope, object? item)
    {
        var inner = scope.Inner();
        target.Assign(inner, item);
        return inner;
    }
}
