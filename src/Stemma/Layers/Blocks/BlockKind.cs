using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>Where a block's norms and residuals are: the blocks that a configuration may name.</summary>
public enum BlockKind
{
    /// <summary><see cref="PreNormBlock"/>.</summary>
    [JsonStringEnumMemberName("pre-norm")]
    PreNorm,

    /// <summary><see cref="PostNormBlock"/>.</summary>
    [JsonStringEnumMemberName("post-norm")]
    PostNorm,

    /// <summary><see cref="SandwichBlock"/>.</summary>
    [JsonStringEnumMemberName("sandwich")]
    Sandwich,

    /// <summary><see cref="ParallelBlock"/>, both parts behind one norm.</summary>
    [JsonStringEnumMemberName("parallel")]
    Parallel,

    /// <summary><see cref="ReversibleStack"/>, all layers in one.</summary>
    [JsonStringEnumMemberName("reversible")]
    Reversible,
}

/// <summary>From a name to the part.</summary>
public static class BlockKinds
{
    private const string First = "input_layernorm", Second = "post_attention_layernorm";

    /// <summary>The parts of a layer of a <see cref="BlockKind.Reversible"/> stack, named as a pre-norm block's.</summary>
    /// <param name="attention">Its attention.</param>
    /// <param name="feedForward">Its feed-forward part.</param>
    /// <param name="norm">Makes a norm of a name.</param>
    public static ReversibleParts Reversible(Attention attention, FeedForward feedForward, Func<string, Norm> norm)
    {
        ArgumentNullException.ThrowIfNull(norm);
        return new(norm(First), attention, norm(Second), feedForward);
    }

    /// <summary>A block of a kind that is made layer by layer.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="attention">Its attention.</param>
    /// <param name="feedForward">Its feed-forward part.</param>
    /// <param name="norm">Makes a norm of a name.</param>
    /// <param name="layer">Its number.</param>
    public static Block Build(this BlockKind kind, Attention attention, FeedForward feedForward, Func<string, Norm> norm, int layer)
    {
        ArgumentNullException.ThrowIfNull(norm);
        return kind switch
        {
            BlockKind.PreNorm => new PreNormBlock(norm(First), attention, norm(Second), feedForward, layer),
            BlockKind.PostNorm => new PostNormBlock(attention, norm(First), feedForward, norm(Second), layer),
            BlockKind.Sandwich => new SandwichBlock(norm(First), attention, norm(Second), norm("pre_feedforward_layernorm"), feedForward, norm("post_feedforward_layernorm"), layer),
            BlockKind.Parallel => new ParallelBlock(norm(First), attention, null, feedForward, layer),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown block."),
        };
    }
}
