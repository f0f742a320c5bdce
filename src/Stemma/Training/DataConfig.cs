namespace Stemma.Training;

/// <summary>Where a run's text comes from.</summary>
public sealed record DataConfig
{
    /// <summary>A file, a folder, a glob, <c>-</c> for standard input, <c>dotnet-docs</c> for the documentation in the .NET SDK, or a folder that <c>stemma data build</c> made, with its tokenizer and its held-out part.</summary>
    public string Source { get; init; } = "dotnet-docs";

    /// <summary>Where the held-out text comes from, like <see cref="Source"/>; empty to hold out a part of the source.</summary>
    public string Validation { get; init; } = "";

    /// <summary>Without a held-out text of its own, the part of the documents (of the characters, where there is one document) that is held out.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Whether bytes that are not UTF-8 become U+FFFD instead of an error.</summary>
    public bool Lossy { get; init; }

    /// <summary>Whether the documents of a batch are kept apart: no token attends to another document, and positions begin anew with each.</summary>
    public bool DocumentsApart { get; init; }

    /// <summary>A source with everything else as usual.</summary>
    public static implicit operator DataConfig(string source) => new() { Source = source };
}
