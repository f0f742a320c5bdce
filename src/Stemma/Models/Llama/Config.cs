using Stemma.Layers;

namespace Stemma.Models.Llama;

/// <summary>A decoder of RMSNorm, rotary positions, grouped heads and SwiGLU. Touvron et al. 2023, arXiv:2302.13971; Llama Team 2024, arXiv:2407.21783.</summary>
public sealed record LlamaConfig : WideHeadConfig
{
    /// <summary>Whether attention's projections have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the feed-forward projections have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new LlamaModel(this, weights);
}

/// <summary>Llama's blocks whose queries see a window of positions. Jiang et al. 2023, arXiv:2310.06825.</summary>
public sealed record MistralConfig : WideHeadConfig
{
    /// <summary>Positions that a query sees, itself included; 0 for all before it.</summary>
    public int Window { get; init; } = 4096;

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotNegative(Window, "model.window");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new LlamaModel(this, weights);
}
