using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Multi-head self-attention (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2) with one projection for queries, keys and
/// values together. Its parts are handed in, so that a model keeps its own names.
/// </summary>
/// <param name="input">[rows, hidden] to [rows, 3 · hidden]: queries, keys, values.</param>
/// <param name="output">[rows, hidden] to [rows, hidden].</param>
/// <param name="headCount">Divides hidden.</param>
/// <param name="layer">The block's number: places its cache, its dropout and its observations.</param>
/// <param name="dropout">Probability with which an attention weight, or an output, is dropped while training.</param>
public sealed class MultiHeadAttention(Linear input, Linear output, int headCount, int layer, double dropout)
{
    /// <summary>residual + dropout(attention(x)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor AddTo(Tensor residual, Tensor x, in Pass pass)
    {
        var (rows, hidden) = x.Shape;
        var qkv = input.Forward(x, DType.Float32).Reshape(rows, 3, headCount, hidden / headCount);
        var heads = pass.Cache is null && pass.Observer is null ? Attend(qkv, pass) : AttendSeparately(qkv, pass);
        heads = pass.Observe(Site.HeadOutputs, layer, heads).Reshape(rows, hidden);
        var (probability, stream) = pass.Dropped(dropout, DropoutPlace.Of(layer, DropoutPlace.AttentionOutput));
        return pass.Observer is null
            ? output.AddTo(residual, heads, probability, stream)
            : residual.AddDropout(pass.Observe(Site.AttentionOutput, layer, output.Forward(heads)), probability, stream);
    }

    private Tensor Attend(Tensor qkv, in Pass pass)
    {
        var (probability, stream) = DroppedWeights(pass);
        return TensorOps.SelfAttention(qkv, pass.Layout, AttentionWindow.Causal, null, probability, stream);
    }

    /// <summary>The same with queries, keys and values apart, as an observer and a cache want them.</summary>
    private Tensor AttendSeparately(Tensor qkv, in Pass pass)
    {
        var q = pass.Observe(Site.Queries, layer, qkv.Select(1, 0));
        var k = pass.Observe(Site.Keys, layer, qkv.Select(1, 1));
        var v = pass.Observe(Site.Values, layer, qkv.Select(1, 2));
        if (pass.Cache is { } cache) return cache.Attend(layer, q, k, v, pass.Layout, AttentionWindow.Causal);
        var (probability, stream) = DroppedWeights(pass);
        return TensorOps.Attention(q, k, v, pass.Layout, AttentionWindow.Causal, null, probability, stream);
    }

    private (double Probability, RandomStream Stream) DroppedWeights(in Pass pass) => pass.Dropped(dropout, DropoutPlace.Of(layer, DropoutPlace.AttentionWeights));
}
