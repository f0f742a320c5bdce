using System.Text.Json.Serialization;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Which blocks of positions see which: attention whose time and memory grow with the pairs of blocks listed instead of with the square of the
/// length. The window (causal or not) still holds within blocks.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(StridedPattern), "strided")]
[JsonDerivedType(typeof(FixedPattern), "fixed")]
[JsonDerivedType(typeof(LocalGlobalPattern), "longformer")]
[JsonDerivedType(typeof(BigBirdPattern), "bigbird")]
public abstract record AttentionPattern
{
    /// <summary>Positions of a block; a multiple of 64 costs least.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>The pattern as attention takes it.</summary>
    /// <param name="window">Which keys a query may see at all: where it sees none after it, lists hold none, whatever follows.</param>
    public BlockPattern For(AttentionWindow window) => new(BlockSize, (query, count) => KeyBlocks(query, window.Right == 0 ? query + 1 : count));

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path) => Check.Positive(BlockSize, $"{path}.block_size");

    /// <summary>The blocks of keys that a block of queries sees, among the first <paramref name="count"/>.</summary>
    protected abstract IEnumerable<int> KeyBlocks(int query, int count);

    /// <summary>From one block to another, within the first <paramref name="count"/>.</summary>
    private protected static IEnumerable<int> Range(int first, int last, int count)
    {
        for (var block = Math.Max(0, first); block <= last && block < count; block++) yield return block;
    }
}
