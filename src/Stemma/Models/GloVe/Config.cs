using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.GloVe;

/// <summary>Vectors whose products are the logarithms of counts. Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation".</summary>
/// <remarks>As the original: AdaGrad over pairs shuffled once, words and contexts added in the end. One thread, the same bits each time.</remarks>
public sealed record GloVeConfig : WordVectorConfig
{
    /// <summary>Times that the pairs are gone over.</summary>
    public int Passes { get; init; } = 25;

    /// <summary>The rate of AdaGrad.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Pairs that count for so much or more all weigh the same.</summary>
    public double MostCount { get; init; } = 100;

    /// <summary>Pairs below weigh (count / that) to this power.</summary>
    public double WeightPower { get; init; } = 0.75;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Passes < 1) throw new ConfigurationException($"The number of passes is {Passes}; it is at least 1.");
        if (LearningRate is not (> 0 and < 10)) throw new ConfigurationException($"The learning rate is {LearningRate}; it is above 0 and below 10.");
        if (MostCount is not (> 0 and < 1e15)) throw new ConfigurationException($"The count of full weight is {MostCount}; it is above 0.");
        if (WeightPower is not (>= 0 and <= 10)) throw new ConfigurationException($"The power of the weight is {WeightPower}; it is from 0 to 10.");
    }

    /// <summary>GloVe, 100 numbers, window 5, 25 passes.</summary>
    public override string ToString() => $"GloVe, {VectorSize} numbers, window {Window}, {Passes} {(Passes == 1 ? "pass" : "passes")}";

    private protected override WordVectors Learn(WordCorpus corpus, ulong seed, IProgress<WordVectorProgress>? progress, CancellationToken cancellation)
    {
        var random = new RandomStream(seed).Fork("glove");
        var counts = Cooccurrence.Count(corpus, Window, new HarmonicWeight(), progress, cancellation);
        var (rows, columns, values) = Shuffled(counts, random.Fork("order"));
        var weights = Array.ConvertAll(values, count => (float)Math.Pow(Math.Min(1, count / MostCount), WeightPower));
        var targets = Array.ConvertAll(values, MathF.Log);
        using var tables = new GloVeTables(corpus.Vocabulary.Count, VectorSize, random.Fork("initial"));
        for (var pass = 0; pass < Passes; pass++)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                tables.Learn(rows[i], columns[i], targets[i], weights[i], (float)LearningRate);
                if (i % 65536 != 0) continue;
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new("Learning", (pass + (double)i / rows.Length) / Passes, double.NaN));
            }
        }
        return new(corpus.Vocabulary.Words, VectorSize, tables.Sums());
    }

    private static (int[] Rows, int[] Columns, float[] Values) Shuffled(SparseMatrix counts, RandomStream random)
    {
        var (rows, columns, values) = (new int[counts.Count], new int[counts.Count], new float[counts.Count]);
        var end = 0;
        for (var row = 0; row < counts.Rows; row++)
        {
            for (var i = 0; i < counts.ColumnsOf(row).Length; i++, end++)
            {
                (rows[end], columns[end], values[end]) = (row, counts.ColumnsOf(row)[i], counts.ValuesOf(row)[i]);
                // Fisher and Yates, from the inside out.
                var place = (int)random.Below(end + 1, (ulong)end);
                (rows[end], rows[place]) = (rows[place], rows[end]);
                (columns[end], columns[place]) = (columns[place], columns[end]);
                (values[end], values[place]) = (values[place], values[end]);
            }
        }
        return (rows, columns, values);
    }
}
