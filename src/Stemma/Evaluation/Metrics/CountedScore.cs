namespace Stemma.Evaluation.Metrics;

/// <summary>A score that is a function of counts which add up over parts of a text: what makes resampling cheap.</summary>
public interface ICountedScore
{
    /// <summary>How many numbers are counted per part.</summary>
    int CountLength { get; }

    /// <summary>The score of counts, those of one part or sums over many.</summary>
    double Score(ReadOnlySpan<double> counts);
}

/// <summary>Bits per byte, from nats and bytes: blocks of a held-out text are resampled with it.</summary>
public sealed record BitsPerByteScore : ICountedScore
{
    /// <inheritdoc/>
    public int CountLength => 2;

    /// <inheritdoc/>
    public double Score(ReadOnlySpan<double> counts) => counts[1] == 0 ? double.NaN : counts[0] / Math.Log(2) / counts[1];
}
