namespace Stemma.Numerics.Ops;

/// <summary>A rule by which the blocks of queries of any sequence see blocks of keys; its layouts are made once for each number of blocks.</summary>
/// <param name="blockSize">Positions of a block.</param>
/// <param name="rule">
/// The blocks of keys that a block of queries sees, given its number and the number of blocks of the sequence. Where a model is to give the
/// same whether it reads at once or token by token, the list must not depend on how many blocks follow, those themselves aside.
/// </param>
public sealed class BlockPattern(int blockSize, Func<int, int, IEnumerable<int>> rule)
{
    private const int MostLayouts = 64;
    private readonly Dictionary<int, BlockLayout> _layouts = [];

    /// <summary>The layout for sequences of a number of positions.</summary>
    public BlockLayout Layout(int length)
    {
        var count = (int)(((long)length + blockSize - 1) / blockSize);
        lock (_layouts)
        {
            if (_layouts.TryGetValue(count, out var known)) return known;
            if (_layouts.Count == MostLayouts) _layouts.Clear();
            return _layouts[count] = new(blockSize, [.. Enumerable.Range(0, count).Select(block => rule(block, count))]);
        }
    }
}
