using System.Globalization;
using Stemma.Models.WordEmbeddings;
using Stemma.Reporting;

namespace Stemma.Interpretability;

/// <summary>Words as points on a plane.</summary>
public static class WordMap
{
    /// <summary>Along the two directions in which the words' unit vectors vary most.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="words">Ids; at least three.</param>
    /// <param name="labelled">How many of them, from the first, have their word beside them.</param>
    public static Chart Principal(WordVectors vectors, IReadOnlyList<int> words, int labelled)
    {
        var components = PrincipalComponents.Of(Points(vectors, words), vectors.Size, 2);
        var shares = components.Variances;
        return Draw(vectors, words, labelled, components.Coordinates, $"{words.Count} words along their two principal components",
            string.Create(CultureInfo.InvariantCulture, $"They hold {100 * shares[0]:0.0} and {100 * shares[1]:0.0} % of the variance of vectors at length 1"), "first component", "second component");
    }

    /// <summary>By t-SNE of the words' unit vectors: who is near counts, how far the others are does not.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="words">Ids.</param>
    /// <param name="labelled">How many of them, from the first, have their word beside them.</param>
    /// <param name="tsne">How.</param>
    /// <param name="progress">Told the share done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <inheritdoc cref="Tsne.Place" path="/exception"/>
    public static Chart Neighbourhoods(WordVectors vectors, IReadOnlyList<int> words, int labelled, Tsne tsne, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tsne);
        var (places, divergence) = tsne.Place(Points(vectors, words), vectors.Size, progress, cancellation);
        return Draw(vectors, words, labelled, places, $"{words.Count} words by t-SNE",
            string.Create(CultureInfo.InvariantCulture, $"Perplexity {tsne.Perplexity:0.#}, {tsne.Steps} steps, KL {divergence:0.00} nats; only who is near means something"), "", "");
    }

    private static float[] Points(WordVectors vectors, IReadOnlyList<int> words)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(words);
        return [.. words.SelectMany(word => vectors.Unit(word).ToArray())];
    }

    private static Chart Draw(WordVectors vectors, IReadOnlyList<int> words, int labelled, double[] places, string title, string subtitle, string x, string y)
    {
        var points = words.Select((_, i) => new ChartPoint(places[2 * i], places[2 * i + 1])).ToArray();
        labelled = Math.Min(labelled, words.Count);
        return new()
        {
            Title = title,
            Subtitle = subtitle,
            Width = 960,
            Height = 720,
            X = new LinearAxis(x),
            Y = new LinearAxis(y),
            Series =
            [
                .. labelled < words.Count ? (Series[])[new PointSeries("others", points[labelled..])] : [],
                new PointSeries(labelled < words.Count ? "named" : "words", points[..labelled]) { Labels = [.. words.Take(labelled).Select(word => vectors.Words[word])] },
            ],
        };
    }
}
