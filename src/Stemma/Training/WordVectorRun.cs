using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Text.Corpora.Words;

namespace Stemma.Training;

/// <summary>All that decides vectors of words. Saved beside them as <c>run.json</c>.</summary>
public sealed record WordVectorRun
{
    /// <summary>A file, a folder, a glob, <c>-</c> for standard input, or <c>dotnet-docs</c>.</summary>
    public string Data { get; init; } = "dotnet-docs";

    /// <summary>Whether bytes that are not UTF-8 become U+FFFD instead of an error.</summary>
    public bool Lossy { get; init; }

    /// <summary>What counts as a word.</summary>
    public WordReading Words { get; init; } = new PlainWords();

    /// <summary>Words that appear less often have no vector.</summary>
    public int MinCount { get; init; } = 5;

    /// <summary>How the vectors are made.</summary>
    public WordVectorConfig Model { get; init; } = new Word2VecConfig();

    /// <summary>Decides what is drawn.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Model.Validate();
        if (MinCount < 1) throw new ConfigurationException($"The minimal count is {MinCount}; it is at least 1.");
    }
}
