namespace Stemma.Text.Corpora.Dotnet;

/// <summary>What the documentation says of one type or member, in prose whose type references are not resolved yet.</summary>
internal sealed record MemberDocumentation(MemberId Id)
{
    public string Summary { get; set; } = "";

    public List<(string Name, string Text)> TypeParameters { get; } = [];

    public List<(string Name, string Text)> Parameters { get; } = [];

    public List<(string Exception, string Text)> Exceptions { get; } = [];

    /// <summary>Returns, value, remarks and examples, in the order of the file, each with a word before it or none.</summary>
    public List<(string Word, string Text)> Sections { get; } = [];

    public bool HasText => Summary.Length > 0 || Sections.Count > 0 || Exceptions.Count > 0 || Parameters.Exists(parameter => parameter.Text.Length > 0);
}
