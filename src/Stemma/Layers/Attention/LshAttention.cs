using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Attention among rows that hash alike: random directions sort queries, which are their own keys (normalised), into buckets; a row reads the
/// nearest rows of its bucket, in several rounds of hashing. Kitaev et al. 2020 (Reformer), arXiv:2001.04451, section 2.
/// </summary>
/// <remarks>
/// The original sorts all rows by bucket and cuts them into chunks, so that a later row moves the chunks of earlier ones. Here a row sees a number
/// of rows before it in its own bucket, which no later row changes: causality holds to the bit, and token by token gives the same. A key met in
/// several rounds counts in each (the original's allow_duplicate_attention).
/// </remarks>
/// <param name="bucketCount">Buckets of a round: 1, or an even number.</param>
/// <param name="roundCount">Rounds: the more, the fewer neighbours are missed.</param>
/// <param name="neighbourCount">Rows of its bucket that a row sees, itself included; to either side where it is not causal.</param>
/// <param name="isCausal">Whether a row sees those before it and itself alone.</param>
/// <param name="random">Draws the directions.</param>
public sealed class LshAttention(int bucketCount, int roundCount, int neighbourCount, bool isCausal, RandomStream random) : AttentionMechanism
{
    /// <summary>A row is its own nearest neighbour: it reads itself only where there is no other.</summary>
    private const double SelfPenalty = 50;

    private readonly AttentionWindow _window = new(neighbourCount - 1, isCausal ? 0 : neighbourCount - 1);

    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => roundCount * Math.Min(neighbourCount, length / 2.0);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Other numbers of heads and key heads, or a cache without causality.</exception>
    public override Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, in Pass pass)
    {
        if (queries.Shape != values.Shape) throw new ArgumentException($"Queries {queries.Shape} that are their own keys need as many heads of values, not {values.Shape}.", nameof(values));
        if (pass.Cache is not null && !isCausal) throw new ArgumentException("Attention in both directions cannot go on from a cache.", nameof(pass));
        queries = queries.Cast(DType.Float32);
        keys = queries / (queries.Square().Sum(-1, keepAxis: true) + 1e-12).Sqrt();
        if (pass.Cache is not { } cache) return Attend(layer, queries, keys, values.Cast(DType.Float32), pass.Layout);
        var outputs = new Tensor[pass.Layout.Count];
        for (var s = 0; s < outputs.Length; s++)
        {
            var (start, count) = (pass.Layout.QueryOffsets[s], pass.Layout.QueryOffsets[s + 1] - pass.Layout.QueryOffsets[s]);
            var (allKeys, allValues) = cache[s].Append(layer, keys.Slice(0, start, count), values.Slice(0, start, count));
            outputs[s] = Attend(layer, queries.Slice(0, start, count), allKeys, allValues, SequenceLayout.Continued(count, allKeys.Shape[0]));
        }
        return TensorOps.Concatenate(0, outputs);
    }

    /// <summary>The bucket of each row of each head in each round: the direction, or its opposite, that the row lies nearest to. Andoni et al. 2015, arXiv:1509.02897.</summary>
    /// <param name="layer">Places the directions.</param>
    /// <param name="rows">[rows, heads, size].</param>
    /// <returns>[rounds][rows · heads].</returns>
    internal int[][] Buckets(int layer, Tensor rows)
    {
        var (count, heads, size) = rows.Shape;
        var buckets = Enumerable.Range(0, roundCount).Select(_ => new int[count * heads]).ToArray();
        if (bucketCount == 1) return buckets;
        var half = bucketCount / 2;
        var (stream, directions) = (random.Fork((ulong)layer), new float[roundCount * half * size]);
        for (var i = 0; i < directions.Length; i++) directions[i] = (float)stream.Normal((ulong)i);
        var products = rows.Detach().Contiguous().Reshape([count * heads, size]).MatMul(Tensor.From(directions, [roundCount * half, size], rows.Device).Transposed).ToArray<float>();
        for (var row = 0; row < count * heads; row++)
        {
            for (var round = 0; round < roundCount; round++)
            {
                var most = float.NegativeInfinity;
                for (var i = 0; i < half; i++)
                {
                    var product = products[(row * roundCount + round) * half + i];
                    if (MathF.Abs(product) <= most) continue;
                    (most, buckets[round][row]) = (MathF.Abs(product), product > 0 ? i : half + i);
                }
            }
        }
        return buckets;
    }

    private Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, SequenceLayout layout)
    {
        var (rows, heads, size) = queries.Shape;
        Clustering[] clusterings;
        // Hashes are not differentiated.
        using (Numerics.Autograd.Tape.Pause()) clusterings = [.. Buckets(layer, keys).Select(buckets => Sorted(buckets, heads, layout))];
        Tensor Flat(Tensor x) => x.Reshape([x.Shape[0] * heads, size]);
        return TensorOps.ClusteredAttention(Flat(queries), Flat(keys), Flat(values), clusterings, _window, selfPenalty: SelfPenalty).Reshape([rows, heads, size]);
    }

    /// <summary>Rows by sequence, head and bucket, in the order of positions within.</summary>
    private Clustering Sorted(int[] buckets, int heads, SequenceLayout layout)
    {
        var (queries, keys) = (new List<int>(layout.QueryCount * heads), new List<int>(layout.KeyCount * heads));
        var (queryEnds, keyEnds) = (new List<int> { 0 }, new List<int> { 0 });
        var members = Enumerable.Range(0, bucketCount).Select(_ => new List<int>()).ToArray();
        for (var s = 0; s < layout.Count; s++)
        {
            var (firstKey, firstQuery) = (layout.KeyOffsets[s], layout.QueryOffsets[s]);
            var cached = layout.KeyOffsets[s + 1] - firstKey - (layout.QueryOffsets[s + 1] - firstQuery);
            for (var head = 0; head < heads; head++)
            {
                foreach (var bucket in members) bucket.Clear();
                for (var position = 0; position < layout.KeyOffsets[s + 1] - firstKey; position++) members[buckets[(firstKey + position) * heads + head]].Add(position);
                foreach (var bucket in members)
                {
                    if (bucket.Count == 0) continue;
                    foreach (var position in bucket)
                    {
                        keys.Add((firstKey + position) * heads + head);
                        if (position >= cached) queries.Add((firstQuery + position - cached) * heads + head);
                    }
                    keyEnds.Add(keys.Count);
                    queryEnds.Add(queries.Count);
                }
            }
        }
        return new([.. queries], [.. keys], new([.. queryEnds], [.. keyEnds]));
    }
}

/// <summary>A projection for queries, which are their own keys, and one for values.</summary>
/// <param name="queries">[rows, hidden] to [rows, heads · head size].</param>
/// <param name="values">The same.</param>
/// <param name="headSize">Channels of a head.</param>
public sealed class SharedProjections(Linear queries, Linear values, int headSize) : QueryKeyValue
{
    /// <inheritdoc/>
    public override (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x)
    {
        var q = Heads(queries.Forward(x, DType.Float32));
        return (q, q, Heads(values.Forward(x, DType.Float32)));

        Tensor Heads(Tensor y) => y.Reshape([y.Shape[0], y.Shape[1] / headSize, headSize]);
    }
}
