using Stemma.Layers;

namespace Stemma.Models.Mixtral;

/// <summary>Mistral's blocks whose feed-forward part is a mixture of experts. Jiang et al. 2024, arXiv:2401.04088.</summary>
public sealed record MixtralConfig : WideHeadConfig
{
    /// <summary>Positions that a query sees, itself included; 0 for all before it.</summary>
    public int Window { get; init; }

    /// <summary>Experts of a block.</summary>
    public int ExpertCount { get; init; } = 8;

    /// <summary>Experts that a token meets.</summary>
    public int TopExpertCount { get; init; } = 2;

    /// <summary>What the loss for busy experts is multiplied by while training; 0 for none.</summary>
    public double LoadLossWeight { get; init; } = 0.001;

    /// <summary>What the loss for small router logits is multiplied by while training; 0 for none.</summary>
    public double LogitLossWeight { get; init; }

    /// <summary>Whether the loss for busy experts is part of the loss outside training too.</summary>
    public bool ReportsLoadLoss { get; init; }

    /// <summary>The gates' activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotNegative(Window, "model.window");
        Check.Positive(ExpertCount, "model.expert_count");
        Check.Positive(TopExpertCount, "model.top_expert_count");
        Check.NotNegative(LoadLossWeight, "model.load_loss_weight");
        Check.NotNegative(LogitLossWeight, "model.logit_loss_weight");
        if (TopExpertCount > ExpertCount) throw new ConfigurationException($"model.top_expert_count is {TopExpertCount}; a token cannot meet more than model.expert_count {ExpertCount} experts.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new MixtralModel(this, weights);
}
