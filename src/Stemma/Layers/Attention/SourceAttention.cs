using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Multi-head attention of a target to its source, which is seen whole. Vaswani et al. 2017, arXiv:1706.03762, section 3.2.3.</summary>
/// <param name="input">Makes queries of the target, keys and values of the source.</param>
/// <param name="output">[rows, heads · head size] to [rows, hidden].</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
/// <param name="weightDropout">Probability with which an attention weight is dropped while training.</param>
/// <param name="layer">The block's number: places its observations.</param>
/// <param name="place">Places its dropout: a number that no block's attention to its own text has.</param>
/// <param name="scale">Multiplies the scores; 1/√head size when null.</param>
public sealed class SourceAttention(SeparateProjections input, Linear output, double dropout, double weightDropout, int layer, int place, double? scale = null)
{
    private readonly AttentionOutput _output = new(output, dropout, layer, place);

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
        var (probability, stream) = pass.Dropped(weightDropout, DropoutPlace.Of(place, DropoutPlace.AttentionWeights));
        var heads = TensorOps.Attention(input.Queries(x), source.Keys, source.Values, source.Across(pass.Layout), AttentionWindow.Full, scale, probability, stream);
        return _output.AddTo(residual, heads, pass);
    }

    /// <summary>The keys and values of sources.</summary>
    /// <param name="source">[source rows, hidden]: what an encoder has left.</param>
    /// <param name="layout">Where each source begins and ends.</param>
    public SourceKeys Remember(Tensor source, SequenceLayout layout) => new(input.Keys(source), input.Values(source), layout);

    /// <summary>How each row looks at its one source, the mean over heads: [rows, source rows].</summary>
    private Tensor Looks(Tensor x, SourceKeys source)
    {
        var q = input.Queries(x).Transpose(0, 1);
        return (q.MatMul(source.Keys.Transpose(0, 1).Transposed) * (scale ?? 1 / Math.Sqrt(q.Shape[2]))).Softmax().Mean(0);
    }
}
