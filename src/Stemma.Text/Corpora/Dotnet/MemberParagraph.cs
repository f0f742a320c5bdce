namespace Stemma.Text.Corpora.Dotnet;

/// <summary>Writes what is said of a member: its signature, and a line for each thing said.</summary>
internal sealed class MemberParagraph(TypeNames names, ProseRenderer renderer)
{
    /// <summary>The lines, without the signature: summary, parameters, results, remarks, exceptions.</summary>
    public List<string> Lines(MemberDocumentation member)
    {
        List<string> lines = [];
        Add(lines, "", member.Summary);
        foreach (var (name, text) in member.TypeParameters) Add(lines, name, text);
        foreach (var (name, text) in member.Parameters) Add(lines, name, text);
        foreach (var (word, text) in member.Sections) Add(lines, word, text);
        foreach (var (exception, text) in member.Exceptions) Add(lines, exception, text);
        return lines;
    }

    private void Add(List<string> lines, string word, string text)
    {
        if (text.Length > 0) lines.Add(word.Length > 0 ? $"{word}: {renderer.Resolve(text)}" : renderer.Resolve(text));
    }

    /// <summary>The signature.</summary>
    public string Heading(MemberDocumentation member)
    {
        var id = member.Id;
        if (id.Kind == 'T') return $"{names.Short(id.Type)} ({Namespace(id.Type)})";
        List<string> typeParameters = [.. member.TypeParameters.Select(parameter => parameter.Name)];
        var types = names.SignatureTypes(id.Parameters, id.Type, typeParameters);
        var parameters = string.Join(", ", types.Select((type, index) => index < member.Parameters.Count ? $"{type} {member.Parameters[index].Name}" : type));
        var name = MemberName(id, typeParameters);
        if (id.Kind == 'P') return parameters.Length == 0 ? name : $"{name}[{parameters}]";
        return id.Kind == 'M' ? $"{name}({parameters})" : name;
    }

    private string MemberName(MemberId id, List<string> typeParameters)
    {
        var (name, arity) = MemberId.Bare(id.Name);
        if (name is "#ctor" or "#cctor") return names.Short(id.Type);
        if (name is "op_Implicit" or "op_Explicit")
            return $"{name[3..].ToLowerInvariant()} operator {names.SignatureTypes(id.ReturnType, id.Type, typeParameters).FirstOrDefault()}";
        if (name.StartsWith("op_", StringComparison.Ordinal)) return $"operator {name[3..]}";

        // An explicit implementation spells its interface with # for dots and braces for type arguments.
        if (name.Contains('#', StringComparison.Ordinal))
            name = string.Join('.', name.Split('#')[^2..]).Replace('{', '<').Replace('}', '>').Replace("@", ", ", StringComparison.Ordinal);
        return arity > 0 && typeParameters.Count > 0 ? $"{name}<{string.Join(", ", typeParameters)}>" : name;
    }

    private static string Namespace(string type)
    {
        var dot = type.LastIndexOf('.');
        return dot < 0 ? "global" : string.Join('.', type[..dot].Split('.').Select(part => MemberId.Bare(part).Name));
    }
}
