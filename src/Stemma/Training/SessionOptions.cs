namespace Stemma.Training;

/// <summary>How a run is carried out on this machine.</summary>
public sealed record SessionOptions
{
    /// <summary>Threads per operation; 0 for one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Decides <see cref="TrainingRun.Steps"/> of a new run by time; null leaves them.</summary>
    public TimeBudget? Budget { get; init; }

    /// <summary>Told what is being prepared.</summary>
    public IProgress<Preparation>? Progress { get; init; }
}

/// <summary>Where the preparation of a run stands.</summary>
/// <param name="Stage">For example <c>Training the tokenizer</c>.</param>
/// <param name="Fraction">0 to 1; NaN where the end is not known.</param>
public readonly record struct Preparation(string Stage, double Fraction);

/// <summary>What a run reads.</summary>
/// <param name="Name">The corpus.</param>
/// <param name="Documents">Documents on both sides of the split.</param>
/// <param name="Bytes">UTF-8 bytes of text on both sides.</param>
/// <param name="TrainTokens">Tokens to train on.</param>
/// <param name="ValidationTokens">Tokens held out.</param>
/// <param name="ValidationBytes">UTF-8 bytes held out.</param>
public sealed record DataSummary(string Name, long Documents, long Bytes, long TrainTokens, long ValidationTokens, long ValidationBytes)
{
    /// <summary>UTF-8 bytes per token.</summary>
    public double BytesPerToken => (double)Bytes / (TrainTokens + ValidationTokens);
}
