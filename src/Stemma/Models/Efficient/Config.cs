using Stemma.Layers;

namespace Stemma.Models.Efficient;

/// <summary>
/// Llama's blocks with a choice of attention and of what training remembers: for what attention costs and is worth. Saved as Stemma's own, for
/// no other library has these mixtures.
/// </summary>
public sealed record EfficientConfig : WideHeadConfig
{
    /// <summary>How rows read each other.</summary>
    public AttentionKind Attention { get; init; } = new FullAttentionKind();

    /// <summary>What layers add to, and what training keeps of it.</summary>
    public ResidualKind Residuals { get; init; } = new PlainResidualKind();

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Attention is null) throw new ConfigurationException("model.attention is null; leave it out, or give it a kind.");
        if (Residuals is null) throw new ConfigurationException("model.residuals is null; leave it out, or give it a kind.");
        Attention.Validate("model.attention", this);
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new EfficientModel(this, weights);
}
