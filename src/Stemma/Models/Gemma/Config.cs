using Stemma.Layers;

namespace Stemma.Models.Gemma;

/// <summary>Llama's blocks with GEGLU, RMSNorm by 1 + weight, vectors scaled by √hidden and a tied output. Gemma Team 2024, arXiv:2403.08295.</summary>
public sealed record GemmaConfig : WideHeadConfig
{
    /// <summary>A tied output.</summary>
    public GemmaConfig() => TiesEmbeddings = true;

    /// <summary>Whether attention's projections have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.GeluTanh;

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new GemmaModel(this, weights);
}

/// <summary>Gemma with norms before and after each part, windows in every other block, and bounded scores and logits. Gemma Team 2024, arXiv:2408.00118.</summary>
public sealed record Gemma2Config : WideHeadConfig
{
    /// <summary>A tied output.</summary>
    public Gemma2Config() => TiesEmbeddings = true;

    /// <summary>Whether attention's projections have biases.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.GeluTanh;

    /// <summary>Positions that a query sees in the first, third, … block, itself included; 0 for all before it.</summary>
    public int Window { get; init; } = 4096;

    /// <summary>Bounds attention's scores; 0 for no bound.</summary>
    public double ScoreCap { get; init; } = 50;

    /// <summary>Bounds the logits; 0 for no bound.</summary>
    public double LogitCap { get; init; } = 30;

    /// <summary>Scores are divided by its root; 0 for the channels of a head.</summary>
    public double ScoreScale { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotNegative(Window, "model.window");
        Check.NotNegative(ScoreCap, "model.score_cap");
        Check.NotNegative(LogitCap, "model.logit_cap");
        Check.NotNegative(ScoreScale, "model.score_scale");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new Gemma2Model(this, weights);
}
