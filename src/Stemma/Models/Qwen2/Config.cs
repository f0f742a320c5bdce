using Stemma.Layers;

namespace Stemma.Models.Qwen2;

/// <summary>Llama's blocks with biases on queries, keys and values. Qwen Team 2024, arXiv:2407.10671.</summary>
public sealed record Qwen2Config : RotaryDecoderConfig
{
    /// <summary>Positions that a query sees, itself included; 0 for all before it.</summary>
    public int Window { get; init; }

    /// <summary>The gate's activation.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotNegative(Window, "model.window");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new Qwen2Model(this, weights);
}
