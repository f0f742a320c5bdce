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
        Positions.Validate("model.positions", HiddenSize / HeadCount);
        Pattern.Validate("model.pattern");
        FeedForward.Validate("model.feed_forward");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new ComposedModel(this, weights);
}
