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
    private readonly AttentionOutput _output = new(output, dropout, layer, place, AttentionSites.Source);

    /// <summary>residual + dropout(attention(x, source)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="source">From <see cref="Remember"/>.</param>
    /// <param name="pass">Layout of the targets, dropout, observer.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor AddTo(Tensor residual, Tensor x, SourceKeys source, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(source);
        var sites = AttentionSites.Source;
        var (probability, stream) = pass.Dropped(weightDropout, DropoutPlace.Of(place, DropoutPlace.AttentionWeights));
        var q = pass.Observe(sites.Queries, layer, input.Queries(x));
        var (k, v) = (pass.Observe(sites.Keys, layer, source.Keys), pass.Observe(sites.Values, layer, source.Values));
        var heads = sites.Attend(q, k, v, source.Across(pass.Layout), AttentionWindow.Full, scale, probability, stream, null, pass, layer);
        return _output.AddTo(residual, heads, pass);
    }

    /// <summary>The keys and values of sources.</summary>
    /// <param name="source">[source rows, hidden]: what an encoder has left.</param>
    /// <param name="layout">Where each source begins and ends.</param>
    public SourceKeys Remember(Tensor source, SequenceLayout layout) => new(input.Keys(source), input.Values(source), layout);
}
