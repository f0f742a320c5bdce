using System.Globalization;
using System.Text;
using System.Text.Json;
using Stemma.Models.WordEmbeddings;
using Stemma.Models.WordEmbeddings.Formats;
using Stemma.Numerics.Formats;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;

namespace Stemma.Training;

/// <summary>Carries out a <see cref="WordVectorRun"/>: words, vectors, a folder.</summary>
public static class WordVectorSession
{
    /// <summary>The vectors in word2vec's binary format.</summary>
    public const string BinaryFile = "vectors.bin";

    /// <summary>The vectors in word2vec's text format.</summary>
    public const string TextFile = "vectors.txt";

    /// <summary>The words and their counts, as word2vec's <c>-save-vocab</c> writes them.</summary>
    public const string VocabularyFile = "vocabulary.txt";

    /// <summary>Makes vectors and their folder.</summary>
    /// <param name="run">What to make.</param>
    /// <param name="corpus">The text that the run names.</param>
    /// <param name="folder">Must not hold vectors or a run.</param>
    /// <param name="asText">Whether to write text instead of bytes.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <exception cref="ConfigurationException">A setting is out of range, or the folder is taken.</exception>
    public static WordVectorSummary Run(WordVectorRun run, Corpus corpus, string folder, bool asText = false, IProgress<WordVectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(corpus);
        run.Validate();
        if (RunFolder.Holds(folder) || FileIn(folder) is not null) throw new ConfigurationException($"{folder} already holds a run; choose another folder with --out.");
        if (File.Exists(folder)) throw new ConfigurationException($"{folder} is a file; choose another folder with --out.");
        progress?.Report(new($"Reading {corpus.Name}", double.NaN, double.NaN));
        var words = WordCorpus.Read(corpus.Documents(), run.Words, run.MinCount, cancellation);
        var vectors = run.Model.Train(words, run.Seed, progress, cancellation);
        var path = Path.Combine(folder, asText ? TextFile : BinaryFile);
        if (asText) WordVectorText.Write(path, vectors);
        else WordVectorBinary.Write(path, vectors);
        AtomicFile.WriteText(Path.Combine(folder, VocabularyFile), Vocabulary(words.Vocabulary));
        AtomicFile.WriteText(Path.Combine(folder, "run.json"), JsonSerializer.Serialize(run, StemmaJson.Default.WordVectorRun) + "\n");
        return new(corpus.Name, words.ReadCount, words.WordCount, words.SentenceCount, vectors, path);
    }

    /// <summary>The file of vectors in a folder; null where there is none.</summary>
    public static string? FileIn(string folder) => ((string[])[BinaryFile, TextFile]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string Vocabulary(WordVocabulary vocabulary)
    {
        var text = new StringBuilder();
        for (var id = 0; id < vocabulary.Count; id++) text.Append(CultureInfo.InvariantCulture, $"{vocabulary.Words[id]} {vocabulary.Counts[id]}\n");
        return text.ToString();
    }
}

/// <summary>What a run made.</summary>
/// <param name="Corpus">The text's name.</param>
/// <param name="ReadCount">Words of the text.</param>
/// <param name="WordCount">Of these, those that have a vector.</param>
/// <param name="SentenceCount">Lines that hold such words.</param>
/// <param name="Vectors">The vectors.</param>
/// <param name="Path">Their file.</param>
public sealed record WordVectorSummary(string Corpus, long ReadCount, long WordCount, int SentenceCount, WordVectors Vectors, string Path);
