using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Queries, and one compressed row for the keys and values of all heads: what multi-head latent attention keeps of a position. DeepSeek-AI 2024
/// (DeepSeek-V2), arXiv:2405.04434, section 2.1.
/// </summary>
/// <param name="compression">[rows, hidden] to [rows, query latent], and its norm; null where queries come from the rows themselves.</param>
/// <param name="queries">To [rows, heads · (content + rotary channels)].</param>
/// <param name="latent">[rows, hidden] to [rows, latent + rotary channels].</param>
/// <param name="norm">Of the latent channels.</param>
/// <param name="headCount">Heads.</param>
/// <param name="latentSize">Channels of a latent row, without the rotary ones.</param>
public sealed class LatentProjections((Linear Down, Norm Norm)? compression, Linear queries, Linear latent, Norm norm, int headCount, int latentSize) : QueryKeyValue
{
    /// <inheritdoc/>
    /// <returns>[rows, heads, content + rotary channels], and twice the same [rows, 1, latent + rotary channels].</returns>
    public override (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x)
    {
        var q = queries.Forward(compression is { } c ? c.Norm.Forward(c.Down.Forward(x, DType.Float32)) : x, DType.Float32);
        var row = latent.Forward(x, DType.Float32);
        var (rows, size) = row.Shape;
        row = TensorOps.Concatenate(-1, [norm.Forward(row.Slice(-1, 0, latentSize)).Cast(DType.Float32), row.Slice(-1, latentSize, size - latentSize)]).Reshape([rows, 1, size]);
        return (q.Reshape([rows, headCount, q.Shape[1] / headCount]), row, row);
    }
}

/// <summary>
/// Attention over compressed rows, expanded to keys and values of each head, and over a few channels beside them that turn with the position
/// and that all heads share. A cache holds the compressed rows alone: expansion is then applied to queries and outputs instead, so that all heads
/// read the same narrow rows. DeepSeek-AI 2024, arXiv:2405.04434, equations 9–19.
/// </summary>
/// <param name="expansion">[heads · (content + value channels), latent]: head by head, keys and then values.</param>
/// <param name="headCount">Heads.</param>
/// <param name="contentSize">Channels of a head's keys that come from the latent row.</param>
/// <param name="rotarySize">Channels of a head's keys that turn.</param>
/// <param name="rotary">Turns them; null where positions come in another way.</param>
/// <param name="weightDropout">Probability with which an attention weight is dropped while training.</param>
public sealed class LatentAttention(Parameter expansion, int headCount, int contentSize, int rotarySize, Rotary? rotary, double weightDropout) : AttentionMechanism
{
    private readonly int _valueSize = expansion.Shape[0] / headCount - contentSize;
    private readonly double _scale = 1 / Math.Sqrt(contentSize + rotarySize);

    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => length / 2.0;

    /// <inheritdoc/>
    public override Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, in Pass pass)
    {
        var latentSize = keys.Shape[2] - rotarySize;
        var (content, latent) = (queries.Slice(2, 0, contentSize), keys.Slice(2, 0, latentSize));
        var (turnedQueries, turnedKeys) = (queries.Slice(2, contentSize, rotarySize), keys.Slice(2, latentSize, rotarySize));
        if (rotary is not null) (turnedQueries, turnedKeys) = rotary.Forward(turnedQueries, turnedKeys, pass);
        return pass.Cache is { } cache
            ? Compressed(layer, content, turnedQueries, TensorOps.Concatenate(2, [latent, turnedKeys]), cache, pass)
            : Expanded(layer, TensorOps.Concatenate(2, [content, turnedQueries]), latent, turnedKeys, pass);
    }

    private Tensor Expanded(int layer, Tensor queries, Tensor latent, Tensor turnedKeys, in Pass pass)
    {
        var (rows, _, latentSize) = latent.Shape;
        var expanded = latent.Reshape([rows, latentSize]).Linear(expansion, null, DType.Float32).Reshape([rows, headCount, contentSize + _valueSize]);
        var keys = TensorOps.Concatenate(2, [expanded.Slice(2, 0, contentSize), turnedKeys.BroadcastTo([rows, headCount, rotarySize])]);
        // The kernel wants values as wide as keys.
        var values = expanded.Slice(2, contentSize, _valueSize).Pad(2, 0, contentSize + rotarySize);
        var (probability, stream) = pass.Dropped(weightDropout, DropoutPlace.Of(layer, DropoutPlace.AttentionWeights));
        return AttentionSites.Text.Attend(queries, keys, values, pass.Layout, AttentionWindow.Causal, _scale, probability, stream, null, pass, layer).Slice(2, 0, _valueSize);
    }

    private Tensor Compressed(int layer, Tensor content, Tensor turnedQueries, Tensor rows, KvCache cache, in Pass pass)
    {
        var latentSize = rows.Shape[2] - rotarySize;
        var weight = expansion.Value.Cast(DType.Float32).Reshape([headCount, contentSize + _valueSize, latentSize]);
        var queries = TensorOps.Concatenate(2, [content.Transpose(0, 1).MatMul(weight.Slice(1, 0, contentSize)).Transpose(0, 1), turnedQueries]);
        var read = Read(pass).Slice(2, 0, latentSize);
        return read.Transpose(0, 1).MatMul(weight.Slice(1, contentSize, _valueSize).Transposed).Transpose(0, 1);

        Tensor Read(in Pass pass)
        {
            if (!AttentionSites.Text.AreWatchedInside(pass, layer)) return cache.AttendShared(layer, queries, rows, pass.Layout, AttentionWindow.Causal, _scale);
            var (all, _, layout) = cache.Extend(layer, rows, null, pass.Layout);
            return AttentionSites.Text.Attend(queries, all, all, layout, AttentionWindow.Causal, _scale, 0, default, null, pass, layer);
        }
    }
}
