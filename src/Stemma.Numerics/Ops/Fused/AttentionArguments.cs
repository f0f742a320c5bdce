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
internal readonly record struct AttentionArguments(
    Tensor Queries, Tensor Keys, Tensor Values, SequenceLayout Layout, AttentionWindow Window, double Scale, double DropoutProbability, RandomStream Dropout, ScoreDescription? Scores = null)
{
    /// <summary>
    /// The position in the dropout stream of the weight of one key for one query, both counted in their sequence: no two coincide
    /// up to 2²⁰ keys, 1,024 heads and 16,384 sequences.
    /// </summary>
    public static ulong DropoutPosition(int sequence, int head, int query, int key) => ((ulong)sequence << 50) + ((ulong)head << 40) + ((ulong)query << 20) + (ulong)key;

    /// <summary>Which blocks of a sequence's keys its queries see; null for all.</summary>
    public BlockLayout? Blocks(int sequence) => Scores?.Pattern?.Layout(Layout.KeyOffsets[sequence + 1] - Layout.KeyOffsets[sequence]);
}
