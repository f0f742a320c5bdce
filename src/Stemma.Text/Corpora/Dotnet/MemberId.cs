namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// A documentation id (C# specification, annex D.4.2), taken apart: <c>M:System.String.Join``1(System.Char,System.Int32)</c> is
/// kind M, type System.String, name <c>Join``1</c>, parameters as written.
/// </summary>
internal readonly record struct MemberId(char Kind, string Type, string Name, string Parameters, string ReturnType)
{
    public static MemberId Parse(string id)
    {
        var (kind, rest) = id.Length > 2 && id[1] == ':' ? (id[0], id[2..]) : ('!', id);
        if (kind is 'T' or 'N' or '!') return new(kind, rest, "", "", "");
        var open = rest.IndexOf('(', StringComparison.Ordinal);
        var tilde = rest.LastIndexOf('~');
        var nameEnd = open >= 0 ? open : tilde >= 0 ? tilde : rest.Length;
        var close = rest.LastIndexOf(')');
        var dot = rest.AsSpan(0, nameEnd).LastIndexOf('.');
        return dot < 0
            ? new('!', rest, "", "", "")
            : new(kind, rest[..dot], rest[(dot + 1)..nameEnd], open >= 0 && close > open ? rest[(open + 1)..close] : "", tilde >= 0 ? rest[(tilde + 1)..] : "");
    }

    /// <summary>The name without generic arity, and the arity.</summary>
    public static (string Name, int Arity) Bare(string name)
    {
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick >= 0 && int.TryParse(name.AsSpan(tick).TrimStart('`'), out var arity) && arity is > 0 and < 100 ? (name[..tick], arity) : (name, 0);
    }

    /// <summary>The last part of a dotted name.</summary>
    public static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
