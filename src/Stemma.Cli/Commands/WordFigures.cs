using System.Globalization;
using Stemma.Evaluation.TextStatistics;
using Stemma.Reporting;

namespace Stemma.Cli.Commands;

/// <summary>Figures of how a text's words are spread, which is why tokens are parts of words.</summary>
internal static class WordFigures
{
    /// <summary>The figures by file name.</summary>
    public static IEnumerable<(string Name, Chart Figure)> Of(WordGrowth growth, string text)
    {
        yield return ("zipf.svg", new()
        {
            Title = "A word's frequency falls with its rank",
            Subtitle = $"Words of {text}; Zipf's exponent {Round(growth.ZipfExponent)}",
            X = new LogAxis("rank"),
            Y = new LogAxis("times in the text"),
            Series = [new LineSeries("", [.. WordGrowth.Grid(growth.Frequencies.Count).Select(rank => new ChartPoint(rank, growth.Frequencies[rank - 1]))])],
        });
        yield return ("heaps.svg", new()
        {
            Title = "A longer text has ever more different words",
            Subtitle = $"Words of {text}; Heaps' exponent {Round(growth.HeapsExponent)}",
            X = new LogAxis("words read"),
            Y = new LogAxis("different words"),
            Series = [new LineSeries("", [.. growth.Growth.Select(point => new ChartPoint(point.Read, point.Different))])],
        });
        yield return ("out-of-vocabulary.svg", new()
        {
            Title = "What a vocabulary of words misses",
            Subtitle = $"The last tenth of {text}, by the most frequent words of the rest",
            X = new LogAxis("vocabulary (words)"),
            Y = new LinearAxis("share of words that are not in it"),
            Series = [new LineSeries("", [.. growth.Misses.Select(point => new ChartPoint(point.VocabSize, point.Share))])],
        });
    }

    private static string Round(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
