using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.Composed;

/// <summary>A decoder whose parts are chosen one by one: positions, norm, where norms stand, feed-forward part, heads, what queries see.</summary>
public sealed record ComposedConfig : DecoderConfig
{
    /// <summary>Heads of keys and values, each for a group of heads; 0 for as many as <see cref="DecoderConfig.HeadCount"/>.</summary>
    public int KvHeadCount { get; init; }

    /// <summary>How tokens know where they stand.</summary>
    public PositionsConfig Positions { get; init; } = new RotaryPositionsConfig();

    /// <summary>How rows read each other.</summary>
    public AttentionConfig Attention { get; init; } = new SoftmaxAttentionConfig();

    /// <summary>Which keys the queries of each block see.</summary>
    public AttentionPattern Pattern { get; init; } = new FullPattern();

    /// <summary>The norms.</summary>
    public NormKind Norm { get; init; } = NormKind.RmsNorm;

    /// <summary>Where a block's norms and residuals are.</summary>
    public BlockKind Block { get; init; } = BlockKind.PreNorm;

    /// <summary>The feed-forward part.</summary>
    public FeedForwardConfig FeedForward { get; init; } = new GatedMlpConfig();

    /// <summary>Whether linear layers have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether vectors of tokens are multiplied by the root of their size, and begin as small, as in Vaswani et al. 2017.</summary>
    public bool ScalesEmbeddings { get; init; }

    /// <summary>Key heads in force.</summary>
    [JsonIgnore]
    internal int KeyHeads => KvHeadCount > 0 ? KvHeadCount : HeadCount;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDivision();
        Check.NotNegative(KvHeadCount, "model.kv_head_count");
        if (HeadCount % KeyHeads != 0) throw new ConfigurationException($"model.head_count {HeadCount} does not divide into groups for model.kv_head_count {KeyHeads} key heads. Choose counts that divide.");
        Attention.Validate("model.attention");
        Positions.Validate("model.positions", Attention.RotarySizeOf(HiddenSize / HeadCount));
        Pattern.Validate("model.pattern");
        FeedForward.Validate("model.feed_forward");
        if (!Attention.HasScores) RequireNothingOfScores();
        if (!Attention.SharesKeys && KeyHeads != HeadCount) throw new ConfigurationException($"model.kv_head_count is {KvHeadCount}; with this model.attention.kind every head has keys of its own. Leave it out.");
        if (Block == BlockKind.Reversible && FeedForward.RouterLosses is { } losses && (losses.Load > 0 || losses.Logit > 0))
            throw new ConfigurationException("model.block is reversible, whose layers are computed twice; a routing must be counted once. Set model.feed_forward.load_loss_weight and model.feed_forward.logit_loss_weight to 0, or choose another model.block.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new ComposedModel(this, weights);

    private void RequireNothingOfScores()
    {
        const string Why = "; this model.attention.kind has no scores of all pairs for it. Leave it out, or use model.attention.kind softmax.";
        if (Pattern is not FullPattern) throw new ConfigurationException($"model.pattern hides keys{Why}");
        if (Positions is AlibiPositionsConfig or BucketPositionsConfig) throw new ConfigurationException($"model.positions adds to scores{Why}");
        if (AttentionDropout > 0 && !Attention.HasWeights) throw new ConfigurationException($"model.attention_dropout is {AttentionDropout}{Why}");
    }
}
