using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.Efficient;

/// <summary>Rows read those that hash alike. Kitaev et al. 2020 (Reformer), arXiv:2001.04451.</summary>
public sealed record LshAttentionKind : AttentionKind
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
    internal override void Validate(string path, EfficientConfig config)
    {
        RequireNoWeightDropout(path, config);
        Check.Positive(BucketCount, $"{path}.bucket_count");
        if (BucketCount > 1 && BucketCount % 2 != 0) throw new ConfigurationException($"{path}.bucket_count is {BucketCount}; each direction has its opposite: give an even number, or 1.");
        Check.Positive(RoundCount, $"{path}.round_count");
        Check.Positive(NeighbourCount, $"{path}.neighbour_count");
        if (config.KeyHeads != config.HeadCount) throw new ConfigurationException($"model.kv_head_count is {config.KvHeadCount}; with this kind of {path} queries are their own keys, so there are as many key heads as heads. Leave it out.");
    }

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer)
    {
        var size = config.HeadCount * config.HeadChannels;
        var input = new SharedProjections(
            scope.Linear("qk_proj", config.HiddenSize, size, config.Normal, hasBias: false), scope.Linear("v_proj", config.HiddenSize, size, config.Normal, hasBias: false), config.HeadChannels);
        var mechanism = new LshAttention(BucketCount, RoundCount, NeighbourCount, isCausal: true, new RandomStream((ulong)Seed));
        return new(input, scope.Linear("o_proj", size, config.HiddenSize, config.Residual, hasBias: false), parts with { Rotary = config.Rotary(), Mechanism = mechanism }, layer);
    }
}
