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
    /// <exception cref="ArgumentException">A cache without causality: later rows would have been seen.</exception>
    public override Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, in Pass pass)
    {
        if (pass.Cache is not null && !isCausal) throw new ArgumentException("Attention in both directions cannot go on from a cache.", nameof(pass));
        var (rows, heads, _) = queries.Shape;
        var (keyHeads, size) = (values.Shape[1], values.Shape[2]);
        var q = features.Queries(queries.Cast(DType.Float32));
        var k = features.Keys(keys.Cast(DType.Float32));
        // A column of ones: what it reads is the divisor.
        var v = TensorOps.Concatenate(-1, [values.Cast(DType.Float32), Tensor.Full([rows, keyHeads, 1], 1, DType.Float32, values.Device)]);
        var outputs = new List<Tensor>();
        for (var s = 0; s < pass.Layout.Count; s++)
        {
            var (start, count) = (pass.Layout.QueryOffsets[s], pass.Layout.QueryOffsets[s + 1] - pass.Layout.QueryOffsets[s]);
            if (count == 0) continue;
            var (qs, ks, vs) = (Grouped(q, start, count, keyHeads), Grouped(k, start, count, keyHeads), Grouped(v, start, count, keyHeads));
            var read = isCausal ? Causal(qs, ks, vs, pass.Cache?[s].Remembered(layer, () => new RunningSums())) : qs.MatMul(ks.Transposed.MatMul(vs));
            outputs.Add((read.Slice(-1, 0, size) / read.Slice(-1, size, 1)).Reshape([heads, count, size]).Transpose(0, 1));
        }
        return outputs.Count == 0 ? Tensor.Zeros([0, heads, size], DType.Float32, values.Device) : TensorOps.Concatenate(0, [.. outputs]);
    }

    /// <summary>Chunk by chunk: the products within it below the diagonal, and what the sums of all chunks before it give.</summary>
    private static Tensor Causal(Tensor q, Tensor k, Tensor v, RunningSums? memory)
    {
        var sums = memory?.Settle(k, v);
        var count = q.Shape[2];
        var outputs = new Tensor[(count + Chunk - 1) / Chunk];
        for (var chunk = 0; chunk < outputs.Length; chunk++)
        {
            var length = Math.Min(Chunk, count - chunk * Chunk);
            var (qc, kc, vc) = (q.Slice(2, chunk * Chunk, length), k.Slice(2, chunk * Chunk, length), v.Slice(2, chunk * Chunk, length));
            var read = (qc.MatMul(kc.Transposed) * Below(length, q.Device)).MatMul(vc);
            outputs[chunk] = sums is null ? read : read + qc.MatMul(sums);
            if (chunk + 1 == outputs.Length) continue;
            var added = kc.Transposed.MatMul(vc);
            sums = sums is null ? added : sums + added;
        }
        return TensorOps.Concatenate(2, outputs);
    }

    private static Tensor Below(int length, Device device)
    {
        var mask = new float[length * length];
        for (var i = 0; i < length; i++) mask.AsSpan(i * length, i + 1).Fill(1);
        return Tensor.From(mask, [length, length], device);
    }

    /// <summary>The rows of a sequence as [key heads, group, rows, size].</summary>
    private static Tensor Grouped(Tensor x, int start, int count, int keyHeads) =>
        x.Slice(0, start, count).Transpose(0, 1).Reshape([keyHeads, x.Shape[1] / keyHeads, count, x.Shape[2]]);
}
