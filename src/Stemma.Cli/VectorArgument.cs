using System.CommandLine;
using Stemma.Cli.Output;
using Stemma.Configuration;
using Stemma.Models.WordEmbeddings;
using Stemma.Models.WordEmbeddings.Formats;
using Stemma.Training;

namespace Stemma.Cli;

/// <summary>Vectors of words that a verb is given, and words to look up in them.</summary>
internal static class VectorArgument
{
    public static Argument<string> Create() => new("vectors") { Description = "A folder that `stemma vectors train` made, or a file of word2vec (text or binary) or GloVe." };

    /// <summary>Reads them.</summary>
    public static WordVectors Read(string path, Screen screen, CancellationToken cancellation)
    {
        if (Directory.Exists(path)) path = WordVectorSession.FileIn(path) ?? throw new MisuseException($"{path} holds no vectors of words ({WordVectorSession.BinaryFile} or {WordVectorSession.TextFile}).");
        else if (!File.Exists(path)) throw new MisuseException($"There is no file or folder {path}.");
        screen.Transient("[dim]Reading the vectors…[/]");
        var vectors = WordVectorFile.Read(path, new Share(screen), cancellation);
        screen.ClearTransient();
        return vectors;
    }

    /// <summary>A word's id, however it is written.</summary>
    public static int Find(WordVectors vectors, string word) => vectors.FindAnyCase(word) is var id and >= 0
        ? id
        : throw new MisuseException($"\"{word}\" has no vector here; the file holds {vectors.Count:N0} words.{NearestName.Suggestion(word, vectors.Words.Take(50_000))}");

    private sealed class Share(Screen screen) : IProgress<double>
    {
        public void Report(double value) => screen.Transient($"[dim]Reading the vectors {Quantity.Percent(value)}[/]");
    }
}
