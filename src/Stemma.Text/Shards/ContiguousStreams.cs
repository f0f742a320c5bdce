namespace Stemma.Text.Shards;

/// <summary>
/// Training sequences that go on where those of the step before ended, for models that carry a state: the shard is cut into as many
/// streams as a step has rows, and every step reads the next stretch of each. After the last stretch all streams begin anew; what is
/// left of the shard then, less than a stretch per stream, is not read.
/// </summary>
public sealed class ContiguousStreams
{
    private readonly TokenShard shard;
    private readonly long streamLength;

    /// <summary>Streams of a shard.</summary>
    /// <param name="shard">Where they are from.</param>
    /// <param name="contextLength">Tokens of a stretch, ≥ 1.</param>
    /// <param name="streamCount">Streams side by side, ≥ 1.</param>
    /// <exception cref="TextFormatException">The shard is too short for one stretch of each.</exception>
    public ContiguousStreams(TokenShard shard, int contextLength, int streamCount)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(streamCount, 1);
        (this.shard, ContextLength, StreamCount, streamLength) = (shard, contextLength, streamCount, shard.Length / streamCount);
        StepsPerEpoch = (streamLength - 1) / contextLength;
        if (StepsPerEpoch >= 1) return;
        throw new TextFormatException(
            $"{shard.Path} holds {shard.Length} tokens; {streamCount} streams of {contextLength} need at least {streamCount * (contextLength + 1L)}. Use smaller batches, a shorter context, or more text.");
    }

    /// <summary>Tokens of a stretch; a sequence has one more, the first of the next stretch.</summary>
    public int ContextLength { get; }

    /// <summary>Rows of a step.</summary>
    public int StreamCount { get; }

    /// <summary>Steps until the streams begin anew.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>Whether a step reads the first stretch of the streams, before which there is nothing.</summary>
    public bool IsFirst(long step) => step % StepsPerEpoch == 0;

    /// <summary>Reads the sequences of a step.</summary>
    /// <param name="step">The step, ≥ 0.</param>
    /// <param name="destination">[rows, context length + 1], row after row.</param>
    /// <param name="firstRow">The number of the first row, ≥ 0: a step's rows may be read in parts.</param>
    public void Read(long step, Span<int> destination, int firstRow = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        var width = ContextLength + 1;
        var rows = destination.Length / width;
        if (destination.Length % width != 0 || firstRow + rows > StreamCount)
            throw new ArgumentException($"The destination holds {destination.Length} tokens from row {firstRow}; there are {StreamCount} rows of {width}.", nameof(destination));
        for (var row = 0; row < rows; row++)
            shard.Read((firstRow + row) * streamLength + step % StepsPerEpoch * ContextLength, destination.Slice(row * width, width));
    }
}
