using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2) with a projection each for queries, keys and values: of a
/// text to itself, or of a target to its source. Its linear layers are handed in, so that a model keeps its own names.
/// </summary>
/// <param name="query">[rows, hidden] to [rows, heads · head size].</param>
/// <param name="key">[rows, hidden] to the same.</param>
/// <param name="value">[rows, hidden] to the same.</param>
/// <param name="output">[rows, heads · head size] to [rows, hidden].</param>
/// <param name="headCount">Divides the projections' size.</param>
/// <param name="layer">The block's number: places its cache and its observations.</param>
public sealed class ProjectedAttention(Linear query, Linear key, Linear value, Linear output, int headCount, int layer)
{
    /// <summary>Which keys a query of the same text sees; a source is always seen whole.</summary>
    public AttentionWindow Window { get; init; } = AttentionWindow.Full;

    /// <summary>Multiplies the scores; 1/√head size when null.</summary>
    public double? Scale { get; init; }

    /// <summary>Probability with which an output is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Probability with which an attention weight is dropped while training.</summary>
    public double WeightDropout { get; init; }

    /// <summary>Places the dropout where a block has two attentions; the block's number when null.</summary>
    public int? Place { get; init; }

    /// <summary>residual + dropout(attention(x, x)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="scores">What happens to scores before the softmax; null for nothing.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor AddTo(Tensor residual, Tensor x, in Pass pass, ScoreDescription? scores = null)
    {
        var q = pass.Observe(Site.Queries, layer, Heads(query, x));
        var k = pass.Observe(Site.Keys, layer, Heads(key, x));
        var v = pass.Observe(Site.Values, layer, Heads(value, x));
        if (pass.Cache is { } cache) return Finish(residual, cache.Attend(layer, q, k, v, pass.Layout, Window, Scale, scores), pass);
        var (probability, stream) = pass.Dropped(WeightDropout, DropoutPlace.Of(Place ?? layer, DropoutPlace.AttentionWeights));
        return Finish(residual, TensorOps.Attention(q, k, v, pass.Layout, Window, Scale, probability, stream, scores), pass);
    }

    /// <summary>residual + dropout(attention(x, source)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="source">From <see cref="Remember"/>.</param>
    /// <param name="pass">Layout of the targets, dropout, observer.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor AddTo(Tensor residual, Tensor x, SourceKeys source, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (pass.Observer is not null && source.Layout.Count == 1) pass.Observe(Site.SourcePattern, layer, Looks(x, source));
        var q = Heads(query, x);
        var (probability, stream) = pass.Dropped(WeightDropout, DropoutPlace.Of(Place ?? layer, DropoutPlace.AttentionWeights));
        return Finish(residual, TensorOps.Attention(q, source.Keys, source.Values, source.Across(pass.Layout), AttentionWindow.Full, Scale, probability, stream), pass);
    }

    /// <summary>The keys and values of sources.</summary>
    /// <param name="source">[source rows, hidden]: what an encoder has left.</param>
    /// <param name="layout">Where each source begins and ends.</param>
    public SourceKeys Remember(Tensor source, SequenceLayout layout) => new(Heads(key, source), Heads(value, source), layout);

    /// <summary>How each row looks at its source, the mean over heads.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="source">Of one source.</param>
    /// <returns>[rows, source rows].</returns>
    internal Tensor Looks(Tensor x, SourceKeys source)
    {
        var q = Heads(query, x).Transpose(0, 1);
        var scale = Scale ?? 1 / Math.Sqrt(q.Shape[2]);
        return (q.MatMul(source.Keys.Transpose(0, 1).Transposed) * scale).Softmax().Mean(0);
    }

    private Tensor Heads(Linear projection, Tensor x)
    {
        var y = projection.Forward(x, DType.Float32);
        var (rows, size) = y.Shape;
        return y.Reshape(rows, headCount, size / headCount);
    }

    private Tensor Finish(Tensor residual, Tensor heads, in Pass pass)
    {
        var (rows, _, size) = heads.Shape;
        heads = pass.Observe(Site.HeadOutputs, layer, heads).Reshape(rows, headCount * size);
        var (probability, stream) = pass.Dropped(Dropout, DropoutPlace.Of(Place ?? layer, DropoutPlace.AttentionOutput));
        return pass.Observer is null
            ? output.AddTo(residual, heads, probability, stream)
            : residual.AddDropout(pass.Observe(Site.AttentionOutput, layer, output.Forward(heads)), probability, stream);
    }
}
