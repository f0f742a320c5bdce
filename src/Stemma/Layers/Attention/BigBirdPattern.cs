using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>The blocks nearby, the first ones, and a few others at random, so that any two places are a few steps apart. Zaheer et al. 2020 (BigBird), arXiv:2007.14062, section 2.</summary>
public sealed record BigBirdPattern : BlockSparsePattern
{
    /// <summary>Blocks to either side that are seen.</summary>
    public int LocalCount { get; init; } = 1;

    /// <summary>First blocks of the sequence that see, and are seen by, all.</summary>
    public int GlobalCount { get; init; } = 1;

    /// <summary>Other blocks that a block sees, as far as there are so many.</summary>
    public int RandomCount { get; init; } = 2;

    /// <summary>Chooses them: the same for a block each time.</summary>
    public int Seed { get; init; } = 1;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        base.Validate(path);
        Check.NotNegative(LocalCount, $"{path}.local_count");
        Check.NotNegative(GlobalCount, $"{path}.global_count");
        Check.NotNegative(RandomCount, $"{path}.random_count");
    }

    /// <inheritdoc/>
    protected override IEnumerable<int> KeyBlocks(int query, int count)
    {
        if (query < GlobalCount) return Range(0, count, count);
        var seen = new HashSet<int>(Range(0, GlobalCount - 1, count).Concat(Range(query - LocalCount, query + LocalCount, count)));
        var wanted = Math.Min(count, seen.Count + RandomCount);
        var random = new RandomStream((ulong)Seed).Fork((ulong)query);
        for (var draw = 0UL; seen.Count < wanted; draw++) seen.Add((int)random.Below(count, draw));
        return seen;
    }
}
