using Stemma.Layers;

namespace Stemma.Models.Falcon;

/// <summary>Attention with one key head, or grouped ones, beside the feed-forward part or before it. Almazrouei et al. 2023, arXiv:2311.16867.</summary>
public sealed record FalconConfig : RotaryDecoderConfig
{
    /// <summary>A tied output and one key head.</summary>
    public FalconConfig() => (TiesEmbeddings, KvHeadCount) = (true, 1);

    /// <summary>Whether keys and values lie with the queries of their group, as from Falcon 40B on.</summary>
    public bool Grouped { get; init; }

    /// <summary>Whether the feed-forward part reads what attention reads, instead of what attention leaves.</summary>
    public bool Parallel { get; init; } = true;

    /// <summary>Whether the two parts, where parallel, have norms of their own.</summary>
    public bool TwoNorms { get; init; }

    /// <summary>Whether linear layers have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether attention knows positions by a penalty for distance (ALiBi) instead of by turning.</summary>
    public bool Alibi { get; init; }

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (!Grouped && KeyHeads != 1 && KeyHeads != HeadCount) throw new ConfigurationException($"model.kv_head_count is {KvHeadCount}; a Falcon that is not grouped has one key head or one for each head. Set model.grouped=true for others.");
        if (Grouped && !Parallel) throw new ConfigurationException("model.grouped is true and model.parallel is false; a Falcon of grouped heads has its parts in parallel.");
        if (TwoNorms && !Grouped) throw new ConfigurationException("model.two_norms is true and model.grouped is false; only a Falcon of grouped heads has two norms.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new FalconModel(this, weights);
}
