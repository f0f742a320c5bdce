using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// A learned bias for each head and bucket of distances: near distances have buckets of their own, far ones share buckets that widen
/// logarithmically, and all beyond the largest distance share the last. Raffel et al. 2019 (T5), arXiv:1910.10683, section 2.1.
/// </summary>
/// <param name="table">[buckets, heads].</param>
/// <param name="maxDistance">From which on distances share the last bucket.</param>
/// <param name="bidirectional">Whether keys after the query have half of the buckets, as in an encoder; without, they share the bucket of distance 0.</param>
public sealed class BucketBias(Parameter table, int maxDistance, bool bidirectional) : PositionBias
{
    /// <summary>[buckets, heads].</summary>
    public Parameter Table { get; } = table;

    /// <inheritdoc/>
    public override DistanceBias Forward(int length, Device device)
    {
        var buckets = new int[2 * length - 1];
        for (var i = 0; i < buckets.Length; i++) buckets[i] = Bucket(i - (length - 1), Table.Shape[0], maxDistance, bidirectional);
        return new(Table.Value.Gather(Numerics.Tensor.From(buckets, [buckets.Length], device)).Transposed, 1 - length);
    }

    /// <summary>The bucket of a distance.</summary>
    /// <param name="distance">Query position − key position.</param>
    /// <param name="bucketCount">All buckets.</param>
    /// <param name="maxDistance">From which on distances share the last bucket.</param>
    /// <param name="bidirectional">Whether keys after the query have half of the buckets.</param>
    public static int Bucket(int distance, int bucketCount, int maxDistance, bool bidirectional)
    {
        var first = 0;
        if (bidirectional)
        {
            bucketCount /= 2;
            if (distance < 0) first = bucketCount;
            distance = Math.Abs(distance);
        }
        distance = Math.Max(distance, 0);
        var exact = bucketCount / 2;
        if (distance < exact) return first + distance;
        // In float32, as the original: at a bucket's edge the last bit decides.
        var far = exact + (int)(MathF.Log((float)distance / exact) / (float)Math.Log((double)maxDistance / exact) * (bucketCount - exact));
        return first + Math.Min(far, bucketCount - 1);
    }
}

/// <summary><see cref="BucketBias"/>, one table for all blocks.</summary>
public sealed record BucketPositionsConfig : PositionsConfig
{
    /// <summary>Buckets of distances, half of them for a distance each.</summary>
    public int BucketCount { get; init; } = 32;

    /// <summary>From which distance on all share the last bucket.</summary>
    public int MaxDistance { get; init; } = 128;

    /// <inheritdoc/>
    public override PositionParts Build(IWeights weights, PositionSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sizes);
        return new(Bias: new BucketBias(weights.Tensor("weight", [BucketCount, sizes.HeadCount], sizes.Initializer), MaxDistance, bidirectional: false));
    }

    /// <inheritdoc/>
    public override void Validate(string path, int headSize)
    {
        if (BucketCount < 2) throw new ConfigurationException($"{path}.bucket_count is {BucketCount}; give at least 2.");
        if (MaxDistance <= BucketCount / 2) throw new ConfigurationException($"{path}.max_distance is {MaxDistance}; it must exceed the {BucketCount / 2} distances that have buckets of their own.");
    }
}
