using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>What a <see cref="SelfAttention"/> does between its projections; each part is optional.</summary>
public sealed record SelfAttentionParts
{
    /// <summary>Which keys a query sees.</summary>
    public AttentionWindow Window { get; init; } = AttentionWindow.Causal;

    /// <summary>Which blocks of those keys count; null for all.</summary>
    public BlockPattern? Blocks { get; init; }

    /// <summary>How rows read each other, where it is not by a softmax over those keys; window, scale and everything about scores is then its own affair.</summary>
    public AttentionMechanism? Mechanism { get; init; }

    /// <summary>Multiplies the scores; 1/√head size when null.</summary>
    public double? Scale { get; init; }

    /// <summary>Bounds every number of queries, keys and values (Dehghani et al. 2023 call it clipping; MPT's clip_qkv); null for none.</summary>
    public double? Clip { get; init; }

    /// <summary>Normalises queries per head, before they turn.</summary>
    public Norm? QueryNorm { get; init; }

    /// <summary>Normalises keys per head, before they turn.</summary>
    public Norm? KeyNorm { get; init; }

    /// <summary>Turns queries and keys by their positions.</summary>
    public Rotary? Rotary { get; init; }

    /// <summary>Adds to scores by distance.</summary>
    public PositionBias? Bias { get; init; }

    /// <summary>Bounds the scores; null for none.</summary>
    public double? SoftCap { get; init; }

    /// <summary>[heads]: a score of each head that stands for attending to nothing.</summary>
    public Parameter? Sinks { get; init; }

    /// <summary>Probability with which an attention weight is dropped while training.</summary>
    public double WeightDropout { get; init; }

    /// <summary>Probability with which an output is dropped while training.</summary>
    public double OutputDropout { get; init; }

    /// <summary>Whether the fused operation on queries, keys and values in one tensor does all that is asked for.</summary>
    internal bool ArePlain => this is { Clip: null, QueryNorm: null, KeyNorm: null, Rotary: null, Bias: null, SoftCap: null, Sinks: null, Blocks: null, Mechanism: null };
}

/// <summary>
/// Self-attention of parts: multi-head (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2), multi-query (Shazeer 2019, arXiv:1911.02150) or
/// grouped-query (Ainslie et al. 2023, arXiv:2305.13245), as its projection has it, within a window, with positions and norms of its own.
/// </summary>
/// <param name="input">Makes queries, keys and values.</param>
/// <param name="output">[rows, heads · head size] to [rows, hidden].</param>
/// <param name="parts">What happens between.</param>
/// <param name="layer">The block's number: places its cache, its dropout and its observations.</param>
public sealed class SelfAttention(QueryKeyValue input, Linear output, SelfAttentionParts parts, int layer) : Attention(new(output, parts.OutputDropout, layer, layer, AttentionSites.Text))
{
    private readonly bool _isPlain = parts.ArePlain;

    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => parts.Mechanism is { } mechanism ? mechanism.KeysPerQuery(length) : length == 0 ? 0 : parts.Window.PairCount(length, parts.Blocks) / (double)length - 0.5;

    private protected override Tensor Heads(Tensor x, in Pass pass, DistanceBias? bias)
    {
        var (probability, stream) = pass.Dropped(parts.WeightDropout, DropoutPlace.Of(layer, DropoutPlace.AttentionWeights));
        if (_isPlain && bias is null && pass.Cache is null && pass.Observer is null && input.Together(x) is { } qkv)
            return TensorOps.SelfAttention(qkv, pass.Layout, parts.Window, parts.Scale, probability, stream);
        var (q, k, v) = input.Forward(x);
        if (parts.Clip is { } clip) (q, k, v) = (Clipped(q, clip), Clipped(k, clip), Clipped(v, clip));
        if (parts.QueryNorm is { } queryNorm) q = queryNorm.Forward(q);
        if (parts.KeyNorm is { } keyNorm) k = keyNorm.Forward(k);
        if (parts.Rotary is { } rotary) (q, k) = rotary.Forward(q, k, pass);
        q = pass.Observe(Site.Queries, layer, q);
        k = pass.Observe(Site.Keys, layer, k);
        v = pass.Observe(Site.Values, layer, v);
        if (parts.Mechanism is { } mechanism) return mechanism.Attend(layer, q, k, v, pass);
        var scores = _isPlain && bias is null ? null : new ScoreDescription { SoftCap = parts.SoftCap, Bias = bias ?? parts.Bias?.Forward(pass.Longest(), q.Device), Sinks = parts.Sinks?.Value, Pattern = parts.Blocks };
        var (sites, layout) = (AttentionSites.Text, pass.Layout);
        if (pass.Cache is { } cache)
        {
            if (!sites.AreWatchedInside(pass, layer)) return cache.Attend(layer, q, k, v, layout, parts.Window, parts.Scale, scores);
            (k, v, layout) = cache.Extend(layer, k, v, layout);
        }
        return sites.Attend(q, k, v, layout, parts.Window, parts.Scale, probability, stream, scores, pass, layer);
    }

    // min(max(x, −c), c) of operations that have gradients.
    private static Tensor Clipped(Tensor x, double bound) => (x + bound).Relu() - (x - bound).Relu() - bound;
}
