namespace Stemma.Numerics.Ops;

/// <summary>What attention is computed from.</summary>
/// <param name="Queries">[rows, heads, head size]; any strides, but contiguous within a head.</param>
/// <param name="Keys">[keys, key heads, head size]; heads is a multiple of key heads, each serves a group of neighbouring heads.</param>
/// <param name="Values">As keys.</param>
/// <param name="Layout">Where sequences begin and end.</param>
/// <param name="Window">Which keys a query sees.</param>
/// <param name="Scale">Multiplies the scores.</param>
/// <param name="DropoutProbability">Of an attention weight, 0 for none.</param>
/// <param name="Dropout">Draws the weights that are dropped.</param>
/// <param name="Scores">What happens to scores before the softmax, its tensors contiguous and of the queries' type; null for nothing.</param>
/// <param name="Kept">Which weights dropout keeps, noted by the forward pass so that its gradient need not draw them again; null where both draw. See <see cref="RoomForKept"/>.</param>
internal readonly record struct AttentionArguments(
    Tensor Queries, Tensor Keys, Tensor Values, SequenceLayout Layout, AttentionWindow Window, double Scale, double DropoutProbability, RandomStream Dropout, ScoreDescription? Scores = null, Tensor? Kept = null)
{
    /// <summary>
    /// The position in the dropout stream of the weight of one key for one query, both counted in their sequence: no two coincide
    /// up to 2²⁰ keys, 1,024 heads and 16,384 sequences.
    /// </summary>
    public static ulong DropoutPosition(int sequence, int head, int query, int key) => ((ulong)sequence << 50) + ((ulong)head << 40) + ((ulong)query << 20) + (ulong)key;

    /// <summary>Keys between a row of <see cref="Kept"/> and the next: those of the longest sequence, rounded up to 64.</summary>
    public int KeptKeys => (Layout.LongestKey + 63) / 64 * 64;

    /// <summary>
    /// Memory for <see cref="Kept"/>: 16-bit words [queries ÷ 16 + sequences, heads, keys], a bit to each of sixteen queries of a sequence; those that
    /// begin at row r of sequence s stand at r ÷ 16 + s. Null without dropout, and where sequences are so long that it would be larger than the output.
    /// </summary>
    public Tensor? RoomForKept()
    {
        var (rows, heads, size) = Queries.Shape;
        if (DropoutProbability == 0 || KeptKeys > 8 * sizeof(float) * size) return null;
        return Tensor.Empty([rows / 16 + Layout.Count, heads, KeptKeys / 2], DType.Int32, Queries.Device);
    }

    /// <summary>Which blocks of a sequence's keys its queries see; null for all.</summary>
    public BlockLayout? Blocks(int sequence) => Scores?.Pattern?.Layout(Layout.KeyOffsets[sequence + 1] - Layout.KeyOffsets[sequence]);
}
