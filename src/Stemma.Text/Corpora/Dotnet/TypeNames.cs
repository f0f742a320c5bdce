using System.Text;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// Readable names of types: <c>System.Collections.Generic.Dictionary`2</c> is <c>Dictionary&lt;TKey, TValue&gt;</c>, with the
/// names its own documentation gives its type parameters.
/// </summary>
internal sealed class TypeNames
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = "bool",
        ["System.Byte"] = "byte",
        ["System.SByte"] = "sbyte",
        ["System.Char"] = "char",
        ["System.Decimal"] = "decimal",
        ["System.Double"] = "double",
        ["System.Single"] = "float",
        ["System.Int16"] = "short",
        ["System.Int32"] = "int",
        ["System.Int64"] = "long",
        ["System.UInt16"] = "ushort",
        ["System.UInt32"] = "uint",
        ["System.UInt64"] = "ulong",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint",
        ["System.Object"] = "object",
        ["System.String"] = "string",
        ["System.Void"] = "void",
    };

    private readonly Dictionary<string, IReadOnlyList<string>> parametersOf = new(StringComparer.Ordinal);

    public void Learn(string type, IReadOnlyList<string> parameters) => parametersOf.TryAdd(type, parameters);

    /// <summary>The short name of a type by its id.</summary>
    public string Short(string type)
    {
        var (name, arity) = MemberId.Bare(MemberId.LastPart(type));
        return arity == 0 ? name : $"{name}<{string.Join(", ", Parameters(type, arity))}>";
    }

    /// <summary>The types of a parameter list as it stands in an id, for a member of <paramref name="type"/>.</summary>
    public List<string> SignatureTypes(string parameters, string type, IReadOnlyList<string> methodParameters)
    {
        List<string> types = [];
        for (var position = 0; position < parameters.Length; position++) types.Add(ReadType(parameters, ref position, type, methodParameters));
        return types;
    }

    // Reads up to the comma or brace that ends the type and stops on it.
    private string ReadType(string text, ref int position, string declaring, IReadOnlyList<string> methodParameters)
    {
        var start = position;
        while (position < text.Length && text[position] is not (',' or '{' or '}' or '[' or '@' or '*')) position++;
        var raw = text[start..position];
        var name = new StringBuilder(Name(raw, declaring, methodParameters));
        if (position < text.Length && text[position] == '{')
        {
            name.Append('<');
            while (text[position] != '}')
            {
                position++;
                if (name[^1] != '<') name.Append(", ");
                name.Append(ReadType(text, ref position, declaring, methodParameters));
                if (position >= text.Length) return name.ToString();
            }

            position++;
            name.Append('>');
        }

        var isReference = false;
        var depth = 0;
        for (; position < text.Length && (depth > 0 || text[position] is not (',' or '}')); position++)
        {
            if (text[position] == '[') depth++;
            if (text[position] == '@') isReference = true;
            else if (text[position] is '[' or ']' or '*' or ',') name.Append(text[position]);
            if (text[position] == ']') depth--;
        }

        return isReference ? $"ref {name}" : name.ToString();
    }

    private string Name(string raw, string declaring, IReadOnlyList<string> methodParameters)
    {
        if (Keywords.TryGetValue(raw, out var keyword)) return keyword;
        if (!raw.StartsWith('`')) return MemberId.Bare(MemberId.LastPart(raw)).Name;
        var isMethod = raw.StartsWith("``", StringComparison.Ordinal);
        if (!int.TryParse(raw.AsSpan(isMethod ? 2 : 1), out var index) || index is < 0 or >= 100) return raw;
        var names = isMethod ? methodParameters : Parameters(declaring, index + 1);
        return index < names.Count ? names[index] : "T";
    }

    private IReadOnlyList<string> Parameters(string type, int count) =>
        parametersOf.TryGetValue(type, out var known) && known.Count >= count ? known
        : count == 1 ? ["T"]
        : [.. Enumerable.Range(1, count).Select(number => $"T{number}")];
}
