using System.Globalization;
using Stemma.Evaluation.Statistics;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;

namespace Stemma.Reproductions.Embeddings;

/// <summary>Products of skip-gram's vectors beside the mutual information that they factorise, on a text drawn by chance.</summary>
internal static class SkipGramPmiClaim
{
    private const int Words = 40, Sentences = 4000, Length = 10, Topics = 5, Negatives = 5, Window = 3;

    public static Reproduction Measure(ReproductionContext context)
    {
        var (correlations, slopes) = (new List<double>(), new List<double>());
        var points = new List<ChartPoint>();
        for (var seed = 1UL; seed <= 3; seed++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var (information, products) = Pairs(seed, context.Cancellation);
            correlations.Add(Correlation.Pearson(information, products).Value);
            slopes.Add(Slope(information, products));
            if (seed == 1) points.AddRange(information.Zip(products, (x, y) => new ChartPoint(x, y)));
            context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: correlation {correlations[^1]:0.000}, slope {slopes[^1]:0.00}"));
        }
        double[] ends = [points.Min(point => point.X), points.Max(point => point.X)];
        return new()
        {
            Measurements = [Measurement.OfSeeds("correlation of w·c with PMI − ln k", correlations), Measurement.OfSeeds("slope of w·c over PMI − ln k", slopes)],
            Figures = new Dictionary<string, Figure>
            {
                ["skip-gram-is-shifted-pmi"] = new Chart
                {
                    Title = "Skip-gram factorises mutual information",
                    Subtitle = $"All pairs of {Words} words that stand near each other; {Negatives} negative samples, vectors of {Words} numbers",
                    X = new LinearAxis("PMI − ln k (nats)"),
                    Y = new LinearAxis("w·c"),
                    Series = [new PointSeries("pairs", points), new LineSeries("equal", [(ends[0], ends[0]), (ends[1], ends[1])]) { IsDashed = true }],
                },
            },
            Notes = $"The text: {Sentences} sentences of {Length} words among {Words} of falling frequency, each sentence about one of {Topics} topics. Counts of pairs weigh distances as word2vec's random windows do, and contexts are taken to the power 0.75 as they are drawn.",
        };
    }

    private static (double[] Information, double[] Products) Pairs(ulong seed, CancellationToken cancellation)
    {
        var corpus = Text(seed);
        var config = new Word2VecConfig { VectorSize = Words, Window = Window, Subsample = 0, Passes = 60, Objective = new NegativeSampling { Count = Negatives } };
        using var model = config.Fit(corpus, seed, null, cancellation);
        var counts = Cooccurrence.Count(corpus, Window, new LinearWeight(), cancellation: cancellation);
        // As the negatives are drawn: by the counts of words to the power.
        var powers = corpus.Vocabulary.Counts.ToArray().Select(count => Math.Pow(count, 0.75)).ToArray();
        var (information, products) = (new List<double>(), new List<double>());
        for (var word = 0; word < counts.Rows; word++)
        {
            var total = Sum(counts.ValuesOf(word));
            for (var i = 0; i < counts.ColumnsOf(word).Length; i++)
            {
                var context = counts.ColumnsOf(word)[i];
                information.Add(Math.Log(counts.ValuesOf(word)[i] * powers.Sum() / (total * powers[context])) - Math.Log(Negatives));
                products.Add(WordVectors.Dot(model.Input[word], model.Output.Weights[context]));
            }
        }
        return ([.. information], [.. products]);
    }

    private static WordCorpus Text(ulong seed)
    {
        var random = new RandomStream(seed).Fork("topics");
        var position = 0UL;
        var lines = new List<string>();
        for (var sentence = 0; sentence < Sentences; sentence++)
        {
            var topic = (int)random.Below(Topics, position++);
            var words = new List<string>();
            while (words.Count < Length)
            {
                // Zipf's law by inversion; a word of another topic stays one time in four.
                var word = (int)(Math.Exp(random.Uniform(position++) * Math.Log(Words + 1)) - 1);
                if (word % Topics == topic || random.Uniform(position++) < 0.25) words.Add($"w{word}");
            }
            lines.Add(string.Join(' ', words));
        }
        return WordCorpus.Read([new Document("topics", string.Join('\n', lines))], new PlainWords());
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static double Slope(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / x.Sum(a => (a - meanX) * (a - meanX));
    }
}
