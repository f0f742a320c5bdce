using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Attention whose cost is linear in the length: φ(q)·Σ φ(k)vᵀ ÷ φ(q)·Σ φ(k), the sums being over all keys, or over those up to the query
/// (Katharopoulos et al. 2020, arXiv:2006.16236, equations 5 and 9). Read token by token, it is a recurrent network with the sums as its state.
/// </summary>
/// <param name="features">φ.</param>
/// <param name="isCausal">Whether a row sees those before it and itself alone.</param>
public sealed class LinearAttention(FeatureMap features, bool isCausal) : AttentionMechanism
{
    /// <summary>Rows whose products with each other are computed at once; between such chunks the sums are carried.</summary>
    private const int Chunk = 64;

    /// <inheritdoc/>
    /// <remarks>A feature's row of sums costs what a key does; half a chunk is read key by key.</remarks>
    internal override double KeysPerQuery(int length) => length == 0 ? 0 : features.Count + Math.Min(Chunk, length) / 2.0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A cache without causality: later rows would have been seen.</exception>
    public override Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, in Pass pass)
    {
        if (pass.Cache is not null && !isCausal) throw new ArgumentException("Attention in both directions cannot go on from a cache.", nameof(pass));
        var (rows, keyHeads, size) = values.Shape;
        var q = features.Queries(queries.Cast(DType.Float32));
        var k = features.Keys(keys.Cast(DType.Float32));
        // A column of ones: what it reads is the divisor.
        var v = TensorOps.Concatenate(-1, [values.Cast(DType.Float32), Tensor.Full([rows, keyHeads, 1], 1, DType.Float32, values.Device)]);
        var read = Read(layer, q, k, v, pass);
        return read.Slice(-1, 0, size) / read.Slice(-1, size, 1);
    }

    private Tensor Read(int layer, Tensor q, Tensor k, Tensor v, in Pass pass)
    {
        var layout = pass.Layout;
        // A batch of equal lengths is read at once.
        if (pass.Cache is null && layout.LongestQuery > 0 && layout.LongestQuery * layout.Count == layout.QueryCount) return Sequences(q, k, v, layout.Count, null);
        var outputs = new List<Tensor>();
        for (var s = 0; s < layout.Count; s++)
        {
            var (start, count) = (layout.QueryOffsets[s], layout.QueryOffsets[s + 1] - layout.QueryOffsets[s]);
            if (count == 0) continue;
            outputs.Add(Sequences(q.Slice(0, start, count), k.Slice(0, start, count), v.Slice(0, start, count), 1, pass.Cache?[s].Remembered(layer, () => new RunningSums())));
        }
        return outputs.Count == 0 ? Tensor.Zeros([0, q.Shape[1], v.Shape[2]], DType.Float32, v.Device) : TensorOps.Concatenate(0, [.. outputs]);
    }

    /// <summary>Chunk by chunk: the products within it below the diagonal, and what the sums of all chunks before it give.</summary>
    private Tensor Sequences(Tensor q, Tensor k, Tensor v, int sequences, RunningSums? memory)
    {
        var (length, heads, keyHeads) = (q.Shape[0] / sequences, q.Shape[1], k.Shape[1]);
        var chunk = isCausal ? Math.Min(Chunk, length) : length;
        var sums = memory?.Settle(Chunks(k, 1, length, length, keyHeads).Select(0, 0).Select(0, 0), Chunks(v, 1, length, length, keyHeads).Select(0, 0).Select(0, 0));
        var (qs, ks, vs) = (Chunks(q, sequences, length, chunk, keyHeads), Chunks(k, sequences, length, chunk, keyHeads), Chunks(v, sequences, length, chunk, keyHeads));
        var added = ks.Transposed.MatMul(vs);
        if (!isCausal) return Rows(qs.MatMul(added), length, heads);
        var read = (qs.MatMul(ks.Transposed) * Below(chunk, q.Device)).MatMul(vs);
        if (chunk < length) read += qs.MatMul(added.ExclusiveSums(1));
        return Rows(sums is null ? read : read + qs.MatMul(sums), length, heads);
    }

    /// <summary>Rows as [sequences, chunks, key heads, group, chunk, size]; zeros, which add nothing, fill up the last chunk.</summary>
    private static Tensor Chunks(Tensor x, int sequences, int length, int chunk, int keyHeads)
    {
        var (_, heads, size) = x.Shape;
        var count = (length + chunk - 1) / chunk;
        x = x.Reshape([sequences, length, heads, size]);
        if (count * chunk > length) x = x.Pad(1, 0, count * chunk);
        return x.Reshape([sequences, count, chunk, heads, size]).Transpose(2, 3).Reshape([sequences, count, keyHeads, heads / keyHeads, chunk, size]);
    }

    /// <summary>Back to [rows, heads, size].</summary>
    private static Tensor Rows(Tensor x, int length, int heads)
    {
        var (sequences, count, chunk, size) = (x.Shape[0], x.Shape[1], x.Shape[4], x.Shape[5]);
        x = x.Reshape([sequences, count, heads, chunk, size]).Transpose(2, 3).Reshape([sequences, count * chunk, heads, size]);
        return x.Slice(1, 0, length).Reshape([sequences * length, heads, size]);
    }

    private static Tensor Below(int length, Device device)
    {
        var mask = new float[length * length];
        for (var i = 0; i < length; i++) mask.AsSpan(i * length, i + 1).Fill(1);
        return Tensor.From(mask, [length, length], device);
    }
}
