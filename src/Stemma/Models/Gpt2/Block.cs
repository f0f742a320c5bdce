using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Gpt2;

/// <summary>One block: attention, then a feed-forward layer with GELU, each added to what it read through a LayerNorm.</summary>
internal sealed class Gpt2Block
{
    private readonly LayerNorm _attentionNorm, _feedForwardNorm;
    private readonly MultiHeadAttention _attention;
    private readonly Mlp _mlp;
    private readonly int _layer;
    private readonly Tensor[] _weights;

    public Gpt2Block(Gpt2Config config, int layer, IWeights weights)
    {
        var normal = new Initializer.Normal(config.InitializerRange);
        // What is added to the residual stream 2·layers times starts smaller by the root of that (GPT-2, section 2.3).
        var residual = new Initializer.Normal(config.InitializerRange / Math.Sqrt(2 * config.LayerCount));
        _layer = layer;
        var first = weights.All.Count;
        _attentionNorm = new(weights["ln_1"], config.HiddenSize, config.NormEpsilon);
        _attention = new(
            weights["attn"].Linear("c_attn", config.HiddenSize, 3 * config.HiddenSize, normal),
            weights["attn"].Linear("c_proj", config.HiddenSize, config.HiddenSize, residual),
            config.HeadCount, layer, config.Dropout);
        _feedForwardNorm = new(weights["ln_2"], config.HiddenSize, config.NormEpsilon);
        _mlp = new(
            weights["mlp"].Linear("c_fc", config.HiddenSize, config.FeedForwardSize, normal), Activation.GeluTanh,
            weights["mlp"].Linear("c_proj", config.FeedForwardSize, config.HiddenSize, residual), layer, config.Dropout);
        _weights = [.. weights.All.Skip(first).Select(weight => weight.Value)];
    }

    /// <summary>[rows, hidden] to the same.</summary>
    public Tensor Forward(Tensor x, in Pass pass)
    {
        if (!pass.Checkpointing) return Compute(x, pass);
        var same = pass;
        return Checkpointing.Run(input => Compute(input, same), x, _weights);
    }

    private Tensor Compute(Tensor x, in Pass pass)
    {
        using var scope = pass.Scope();
        x = pass.Observe(Site.ResidualPre, _layer, x);
        x = pass.Observe(Site.ResidualMid, _layer, _attention.AddTo(x, _attentionNorm.Forward(x), pass));
        x = pass.Observe(Site.ResidualPost, _layer, _mlp.AddTo(x, _feedForwardNorm.Forward(x), pass));
        return scope?.Keep(x) ?? x;
    }
}
