using Stemma.Models.WordEmbeddings;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Ppmi;

/// <summary>Vectors by counting: positive pointwise mutual information, brought to few numbers by a truncated singular value decomposition. Levy, Goldberg and Dagan 2015.</summary>
public sealed record PpmiConfig : WordVectorConfig
{
    /// <summary>What a pair of words counts for.</summary>
    public DistanceWeight Weight { get; init; } = new LinearWeight();

    /// <summary>Counts of contexts are taken to this power.</summary>
    public double ContextPower { get; init; } = 0.75;

    /// <summary>The logarithm of this is taken off: the number of negative samples in skip-gram.</summary>
    public double Shift { get; init; } = 1;

    /// <summary>Singular values are taken to this power: 1 keeps products of rows, less evens the directions out.</summary>
    public double SingularPower { get; init; } = 0.5;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (ContextPower is not (>= 0 and <= 2)) throw new ConfigurationException($"The power of context counts is {ContextPower}; it is from 0 to 2.");
        if (Shift is not (>= 1 and < 1e6)) throw new ConfigurationException($"The shift is {Shift}; it is at least 1.");
        if (SingularPower is not (>= 0 and <= 2)) throw new ConfigurationException($"The power of singular values is {SingularPower}; it is from 0 to 2.");
    }

    /// <summary>PPMI and SVD, 100 numbers, window 5.</summary>
    public override string ToString() => $"PPMI and SVD, {VectorSize} numbers, window {Window}";

    private protected override WordVectors Learn(WordCorpus corpus, ulong seed, IProgress<WordVectorProgress>? progress, CancellationToken cancellation)
    {
        var words = corpus.Vocabulary.Count;
        if (VectorSize > words) throw new ConfigurationException($"Vectors of {VectorSize} numbers need as many words; the text has {words} that appear often enough. Choose smaller vectors.");
        var matrix = PpmiMatrix.Of(Cooccurrence.Count(corpus, Window, Weight, progress, cancellation), ContextPower, Shift);
        var svd = TruncatedSvd.Of(matrix, VectorSize, seed, progress: new Relay(progress), cancellation: cancellation);
        var scales = Array.ConvertAll(svd.Values, value => value > 0 ? Math.Pow(value, SingularPower) : 0);
        return new(corpus.Vocabulary.Words, VectorSize, [.. svd.Left.Select((value, i) => (float)(value * scales[i % VectorSize]))]);
    }

    private sealed class Relay(IProgress<WordVectorProgress>? progress) : IProgress<double>
    {
        public void Report(double value) => progress?.Report(new("Decomposing", value, double.NaN));
    }
}
