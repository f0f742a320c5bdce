using System.Text.Json.Serialization;
using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Rows read those that hash alike; queries are their own keys. Kitaev et al. 2020 (Reformer), arXiv:2001.04451.</summary>
public sealed record LshAttentionConfig : AttentionConfig
{
    /// <summary>Buckets of a round: 1, or an even number.</summary>
    public int BucketCount { get; init; } = 16;

    /// <summary>Rounds of hashing.</summary>
    public int RoundCount { get; init; } = 2;

    /// <summary>Rows of its bucket that a row sees, itself included.</summary>
    public int NeighbourCount { get; init; } = 64;

    /// <summary>Draws the directions: part of the model, as its weights are.</summary>
    public int Seed { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SharesKeys => false;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        Check.Positive(BucketCount, $"{path}.bucket_count");
        if (BucketCount > 1 && BucketCount % 2 != 0) throw new ConfigurationException($"{path}.bucket_count is {BucketCount}; each direction has its opposite: give an even number, or 1.");
        Check.Positive(RoundCount, $"{path}.round_count");
        Check.Positive(NeighbourCount, $"{path}.neighbour_count");
    }

    /// <inheritdoc/>
    public override Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer)
    {
        var mechanism = new LshAttention(BucketCount, RoundCount, NeighbourCount, isCausal: true, new RandomStream((ulong)Seed));
        var input = new SharedProjections(sizes.Query(scope, "qk_proj"), sizes.Query(scope, "v_proj"), sizes.HeadSize);
        return new SelfAttention(input, sizes.Output(scope), parts with { Mechanism = mechanism }, layer);
    }
}
