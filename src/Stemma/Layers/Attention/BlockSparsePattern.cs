using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Blocks of positions see some of the blocks before them: attention whose time and memory grow with the pairs of blocks listed instead of with
/// the square of the length. The window (causal or not) still holds within blocks.
/// </summary>
public abstract record BlockSparsePattern : AttentionPattern
{
    /// <summary>Positions of a block; a multiple of 64 costs least.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>The pattern as attention takes it.</summary>
    /// <param name="window">Which keys a query may see at all: where it sees none after it, lists hold none, whatever follows.</param>
    public BlockPattern Blocks(AttentionWindow window) => new(BlockSize, (query, count) => KeyBlocks(query, window.Right == 0 ? query + 1 : count));

    /// <inheritdoc/>
    public override SelfAttentionParts For(SelfAttentionParts parts, int layer)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts with { Blocks = Blocks(parts.Window) };
    }

    /// <inheritdoc/>
    public override void Validate(string path) => Check.Positive(BlockSize, $"{path}.block_size");

    /// <summary>The blocks of keys that a block of queries sees, among the first <paramref name="count"/>.</summary>
    protected abstract IEnumerable<int> KeyBlocks(int query, int count);

    /// <summary>From one block to another, within the first <paramref name="count"/>.</summary>
    private protected static IEnumerable<int> Range(int first, int last, int count)
    {
        for (var block = Math.Max(0, first); block <= last && block < count; block++) yield return block;
    }
}
