using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>Keys and values of all heads from one compressed row a position, which is all that a cache holds. DeepSeek-AI 2024 (DeepSeek-V2), arXiv:2405.04434, section 2.1.</summary>
/// <remarks>Weights carry the names of DeepSeek-V2's. A head's keys are its channels of content and the rotary ones; its values are as wide as its channels of content.</remarks>
public sealed record LatentAttentionConfig : AttentionConfig
{
    /// <summary>Channels of the compressed row.</summary>
    public int LatentSize { get; init; } = 64;

    /// <summary>Channels beside it that turn, where positions are rotary, and that all heads share; even.</summary>
    public int RotarySize { get; init; } = 16;

    /// <summary>Channels that queries are compressed to; 0 for not at all.</summary>
    public int QueryLatentSize { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SharesKeys => false;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool HasWeights => true;

    /// <inheritdoc/>
    public override int RotarySizeOf(int headSize) => RotarySize;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        Check.Positive(LatentSize, $"{path}.latent_size");
        Check.NotNegative(QueryLatentSize, $"{path}.query_latent_size");
        if (RotarySize < 2 || RotarySize % 2 != 0) throw new ConfigurationException($"{path}.rotary_size is {RotarySize}; rotary positions turn pairs: give an even number of at least 2.");
    }

    /// <inheritdoc/>
    public override Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer)
    {
        var (heads, size, hidden) = (sizes.HeadCount, sizes.HeadSize, sizes.HiddenSize);
        var querySize = heads * (size + RotarySize);
        (Linear, Norm)? compression = QueryLatentSize == 0 ? null
            : (scope.Linear("q_a_proj", hidden, QueryLatentSize, sizes.Inner, hasBias: false), new RmsNorm(scope["q_a_layernorm"], QueryLatentSize, sizes.NormEpsilon));
        var queries = compression is null ? scope.Linear("q_proj", hidden, querySize, sizes.Inner, hasBias: false) : scope.Linear("q_b_proj", QueryLatentSize, querySize, sizes.Inner, hasBias: false);
        var latent = scope.Linear("kv_a_proj_with_mqa", hidden, LatentSize + RotarySize, sizes.Inner, hasBias: false);
        var input = new LatentProjections(compression, queries, latent, new RmsNorm(scope["kv_a_layernorm"], LatentSize, sizes.NormEpsilon), heads, LatentSize);
        var expansion = scope["kv_b_proj"].Tensor("weight", [heads * 2 * size, LatentSize], sizes.Inner);
        return new SelfAttention(input, sizes.Output(scope), parts with { Rotary = null, Mechanism = new LatentAttention(expansion, heads, size, RotarySize, parts.Rotary, parts.WeightDropout) }, layer);
    }
}
