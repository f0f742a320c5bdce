using System.IO.Compression;
using System.Text;
using Stemma.Text.Corpora;

namespace Stemma.Bench.NGrams;

/// <summary>The texts of a comparison as plain files that both sides read: words between single spaces, lines, nothing spelled like a special token.</summary>
internal sealed record NGramTexts(string Train, string Test, string Queries, long TrainWords, long QueryTokens)
{
    /// <summary>Writes them.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="data">A text file, perhaps .gz, or a corpus that is divided.</param>
    /// <param name="test">The held-out text; empty for a tenth of the corpus's documents.</param>
    /// <param name="queryTokens">The held-out text is repeated until it has so many tokens.</param>
    public static NGramTexts Write(string folder, string data, string test, int queryTokens)
    {
        var (train, heldOut, queries) = (Path.Combine(folder, "train.txt"), Path.Combine(folder, "test.txt"), Path.Combine(folder, "queries.txt"));
        var split = new CorpusSplit(0.1);
        var (trainWords, _) = WriteLines(train, test.Length > 0 ? Read(data) : split.Train(Corpus.Open(data)).Select(document => document.Text));
        var (words, lines) = WriteLines(heldOut, test.Length > 0 ? Read(test) : split.Validation(Corpus.Open(data)).Select(document => document.Text));
        var repeats = (int)Math.Max(1, (queryTokens + words + lines - 1) / (words + lines));
        var text = File.ReadAllBytes(heldOut);
        using (var file = File.Create(queries))
            for (var i = 0; i < repeats; i++) file.Write(text);
        return new(train, heldOut, queries, trainWords, repeats * (words + lines));
    }

    private static IEnumerable<string> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file, Encoding.UTF8);
        yield return reader.ReadToEnd();
    }

    private static (long Words, long Lines) WriteLines(string path, IEnumerable<string> texts)
    {
        var (words, lines) = (0L, 0L);
        using var writer = new StreamWriter(path, false, new UTF8Encoding(false)) { NewLine = "\n" };
        foreach (var text in texts)
        {
            foreach (var line in text.AsSpan().TrimEnd('\n').ToString().Split('\n'))
            {
                string[] cut = [.. line.Split((char[])['\t', '\v', '\f', '\r', ' ', '\0'], StringSplitOptions.RemoveEmptyEntries).Select(word => word is "<unk>" or "<UNK>" or "<s>" or "</s>" ? word.Trim('<', '>', '/').ToUpperInvariant() + "-WORD" : word)];
                writer.WriteLine(string.Join(' ', cut));
                words += cut.Length;
                lines++;
            }
        }
        return (words, lines);
    }
}
