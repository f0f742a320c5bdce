namespace Stemma.Text.Shards;

/// <summary>
/// Training sequences at random places of a shard, as in nanoGPT: context length + 1 tokens each, so that inputs and their
/// successors are one read. Where a sequence starts is a pure function of (seed, step, row): any step can be had again, in any
/// order, on any thread, and a resumed run sees what an unbroken one would have seen.
/// </summary>
public sealed class RandomWindows
{
    private readonly TokenShard shard;
    private readonly ulong seed;

    /// <summary>Sequences from a shard.</summary>
    /// <param name="shard">Where they are from.</param>
    /// <param name="contextLength">Tokens a model sees at once, ≥ 1; the shard must hold at least one more.</param>
    /// <param name="seed">Chooses the sequences.</param>
    /// <exception cref="TextFormatException">The shard is too short.</exception>
    public RandomWindows(TokenShard shard, int contextLength, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        if (shard.Length <= contextLength)
        {
            throw new TextFormatException(
                $"{shard.Path} holds {shard.Length} tokens; a context of {contextLength} needs at least {contextLength + 1L}. Use a shorter context, or more text.");
        }

        (this.shard, ContextLength, this.seed) = (shard, contextLength, seed);
    }

    /// <summary>Tokens a model sees at once; a sequence has one more.</summary>
    public int ContextLength { get; }

    /// <summary>Where sequence <paramref name="row"/> of step <paramref name="step"/> starts, uniform over all places where one fits.</summary>
    public long Start(long step, int row) => Philox.Below(shard.Length - ContextLength, seed, (ulong)row, (ulong)step);

    /// <summary>Reads the sequences of a step.</summary>
    /// <param name="step">The step, ≥ 0.</param>
    /// <param name="destination">[rows, context length + 1], row after row.</param>
    /// <param name="firstRow">The number of the first row, ≥ 0: a step's rows may be read in parts.</param>
    public void Read(long step, Span<int> destination, int firstRow = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        var width = ContextLength + 1;
        if (destination.Length % width != 0)
            throw new ArgumentException($"The destination holds {destination.Length} tokens, not a whole number of rows of {width}.", nameof(destination));
        for (var row = 0; row < destination.Length / width; row++) shard.Read(Start(step, firstRow + row), destination.Slice(row * width, width));
    }
}
