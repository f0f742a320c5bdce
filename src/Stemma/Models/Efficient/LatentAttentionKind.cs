using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Efficient;

/// <summary>Keys and values of all heads from one compressed row a position, which is all that a cache holds. DeepSeek-AI 2024 (DeepSeek-V2), arXiv:2405.04434, section 2.1.</summary>
/// <remarks>Weights carry the names of DeepSeek-V2's. A head's keys are its channels of content and the rotary ones; its values are as wide as its channels of content.</remarks>
public sealed record LatentAttentionKind : AttentionKind
{
    /// <summary>Channels of the compressed row.</summary>
    public int LatentSize { get; init; } = 64;

    /// <summary>Channels that turn, which all heads share; even.</summary>
    public int RotarySize { get; init; } = 16;

    /// <summary>Channels that queries are compressed to; 0 for not at all.</summary>
    public int QueryLatentSize { get; init; }

    /// <inheritdoc/>
    internal override void Validate(string path, EfficientConfig config)
    {
        RequireNoWeightDropout(path, config);
        Check.Positive(LatentSize, $"{path}.latent_size");
        Check.NotNegative(QueryLatentSize, $"{path}.query_latent_size");
        if (RotarySize < 2 || RotarySize % 2 != 0) throw new ConfigurationException($"{path}.rotary_size is {RotarySize}; rotary positions turn pairs: give an even number of at least 2.");
        if (config.KeyHeads != config.HeadCount) throw new ConfigurationException($"model.kv_head_count is {config.KvHeadCount}; with this kind of {path} every head has keys of its own, from one row. Leave it out.");
    }

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer)
    {
        var (heads, size, hidden) = (config.HeadCount, config.HeadChannels, config.HiddenSize);
        var querySize = heads * (size + RotarySize);
        (Linear, Norm)? compression = QueryLatentSize == 0 ? null
            : (scope.Linear("q_a_proj", hidden, QueryLatentSize, config.Normal, hasBias: false), new RmsNorm(scope["q_a_layernorm"], QueryLatentSize, config.NormEpsilon));
        var queries = compression is null ? scope.Linear("q_proj", hidden, querySize, config.Normal, hasBias: false) : scope.Linear("q_b_proj", QueryLatentSize, querySize, config.Normal, hasBias: false);
        var latent = scope.Linear("kv_a_proj_with_mqa", hidden, LatentSize + RotarySize, config.Normal, hasBias: false);
        var input = new LatentProjections(compression, queries, latent, new RmsNorm(scope["kv_a_layernorm"], LatentSize, config.NormEpsilon), heads, LatentSize);
        var rotary = new Rotary(RotarySize, config.RotaryTheta, RotaryPairing.Halves, config.RotaryScaling, config.ContextLength);
        var mechanism = new LatentAttention(scope["kv_b_proj"].Tensor("weight", [heads * 2 * size, LatentSize], config.Normal), heads, size, RotarySize, rotary);
        return new(input, scope.Linear("o_proj", heads * size, hidden, config.Residual, hasBias: false), parts with { Mechanism = mechanism }, layer);
    }
}
