using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.TinyLm;

/// <summary>x ← norm(x + attention(x)), x ← norm(x + feed-forward(x)), each position seeing those before it; weights carry PyTorch's names.</summary>
internal sealed class TinyLmBlock
{
    private readonly TinyLmConfig _config;
    private readonly int _layer;
    private readonly Parameter _projection, _projectionBias;
    private readonly Linear _output, _expand, _contract;
    private readonly LayerNorm _attentionNorm, _feedForwardNorm;

    public TinyLmBlock(TinyLmConfig config, int layer, IWeights weights)
    {
        (_config, _layer) = (config, layer);
        var (size, attention) = (config.HiddenSize, weights["attn"]);
        var xavier = new Initializer.Xavier();
        _projection = attention.Tensor("in_proj_weight", [3 * size, size], xavier);
        _projectionBias = attention.Tensor("in_proj_bias", [3 * size], new Initializer.Constant(0));
        _output = attention.Linear("out_proj", size, size, xavier);
        _attentionNorm = new(weights["ln1"], size, 1e-5);
        _expand = weights["ff"].Linear("0", size, config.IntermediateSize, xavier);
        _contract = weights["ff"].Linear("2", config.IntermediateSize, size, xavier);
        _feedForwardNorm = new(weights["ln2"], size, 1e-5);
    }

    /// <summary>[rows, hidden] to the same.</summary>
    public Tensor Forward(Tensor x, in Pass pass)
    {
        using var scope = pass.Scope();
        x = pass.Observe(Site.ResidualPre, _layer, x);
        x = pass.Observe(Site.ResidualMid, _layer, _attentionNorm.ForResidual(x + pass.Observe(Site.AttentionOutput, _layer, _output.Forward(Attend(x, pass), DType.Float32))));
        var inner = pass.Observe(Site.MlpPost, _layer, pass.Observe(Site.MlpPre, _layer, _expand.Forward(x)).Gelu());
        x = pass.Observe(Site.ResidualPost, _layer, _feedForwardNorm.ForResidual(x + pass.Observe(Site.MlpOutput, _layer, _contract.Forward(inner, DType.Float32))));
        return scope?.Keep(x) ?? x;
    }

    private Tensor Attend(Tensor x, in Pass pass)
    {
        var (rows, size) = x.Shape;
        var qkv = x.Linear(_projection, _projectionBias.Value, DType.Float32).Reshape(rows, 3, _config.HeadCount, size / _config.HeadCount);
        var (q, k, v) = (pass.Observe(Site.Queries, _layer, qkv.Select(1, 0)), pass.Observe(Site.Keys, _layer, qkv.Select(1, 1)), pass.Observe(Site.Values, _layer, qkv.Select(1, 2)));
        var heads = pass.Cache is { } cache
            ? cache.Attend(_layer, q, k, v, pass.Layout, AttentionWindow.Causal)
            : TensorOps.Attention(q, k, v, pass.Layout, AttentionWindow.Causal);
        return pass.Observe(Site.HeadOutputs, _layer, heads).Reshape(rows, size);
    }
}
