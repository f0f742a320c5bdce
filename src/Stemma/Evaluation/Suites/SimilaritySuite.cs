using System.Globalization;
using Stemma.Evaluation.Statistics;
using Stemma.Models.WordEmbeddings;
using Stemma.Text;

namespace Stemma.Evaluation.Suites;

/// <summary>Pairs of words and how alike people find them.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Pairs">The pairs.</param>
public sealed record SimilaritySuite(string Name, IReadOnlyList<(string First, string Second, double Score)> Pairs)
{
    /// <summary>Reads a file: a pair and its score a line, tabs or spaces between.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">A line is something else; the message names it.</exception>
    public static SimilaritySuite Read(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var (pairs, number) = (new List<(string, string, double)>(), 0);
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var fields = line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3 || !double.TryParse(fields[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || !double.IsFinite(score))
                throw new TextFormatException($"Line {number} of {path} is not two words and a number.");
            pairs.Add((fields[0], fields[1], score));
        }
        if (pairs.Count == 0) throw new TextFormatException($"{path} holds no pairs of words.");
        return new(Path.GetFileNameWithoutExtension(path), pairs);
    }

    /// <summary>How the cosines of the vectors go with people's scores, over the pairs of which both words have a vector.</summary>
    public SimilarityResult Evaluate(WordVectors vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        var present = Pairs.Select(pair => (First: vectors.FindAnyCase(pair.First), Second: vectors.FindAnyCase(pair.Second), pair.Score)).Where(pair => pair.First >= 0 && pair.Second >= 0).ToArray();
        return new(Name, Pairs.Count, present.Length, Correlation.Spearman([.. present.Select(pair => vectors.Similarity(pair.First, pair.Second))], [.. present.Select(pair => pair.Score)]));
    }
}

/// <summary>What a similarity suite found.</summary>
/// <param name="Name">The suite's.</param>
/// <param name="Pairs">All pairs.</param>
/// <param name="Present">Pairs of which both words have a vector; only these count.</param>
/// <param name="Spearman">The rank correlation; not a number where too few are present.</param>
public sealed record SimilarityResult(string Name, int Pairs, int Present, Correlation Spearman);
