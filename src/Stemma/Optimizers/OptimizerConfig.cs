using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Optimizers;

/// <summary>Which optimizer, and its settings. The learning rate comes from the schedule.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AdamWConfig), "adamw")]
[JsonDerivedType(typeof(AdamConfig), "adam")]
[JsonDerivedType(typeof(SgdConfig), "sgd")]
public abstract record OptimizerConfig
{
    /// <summary>The optimizer of these weights, before its first step.</summary>
    /// <param name="weights">Changed in place by its steps.</param>
    /// <param name="decays">Which weights decay; matrices (<see cref="Parameter.Decays"/>) when null.</param>
    public abstract Optimizer Build(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays = null);
}

/// <summary>Adam with decoupled weight decay. Loshchilov &amp; Hutter 2017, arXiv:1711.05101.</summary>
public sealed record AdamWConfig : OptimizerConfig
{
    /// <summary>Decay of the running mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Added to the root of the variance.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How much of a matrix's weights decays per step and learning rate; vectors (biases, norms) do not decay.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <inheritdoc/>
    public override Optimizer Build(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays = null) => new AdamW(this, weights, decays);
}

/// <summary>Adam; weight decay is added to the gradient. Kingma &amp; Ba 2014, arXiv:1412.6980.</summary>
public sealed record AdamConfig : OptimizerConfig
{
    /// <summary>Decay of the running mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the variance.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>L2 penalty on matrices.</summary>
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    public override Optimizer Build(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays = null) => new Adam(this, weights, decays);
}

/// <summary>Gradient descent with optional momentum.</summary>
public sealed record SgdConfig : OptimizerConfig
{
    /// <summary>How much of the last step is repeated; 0 for none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the gradient is taken ahead of the momentum (Nesterov 1983).</summary>
    public bool Nesterov { get; init; }

    /// <summary>L2 penalty on matrices.</summary>
    public double WeightDecay { get; init; }

    /// <inheritdoc/>
    public override Optimizer Build(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays = null) => new Sgd(this, weights, decays);
}
