using Stemma.Layers;
using Stemma.Numerics.Autograd;

namespace Stemma.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov &amp; Hutter 2017, arXiv:1711.05101, algorithm 2): a weight first shrinks by η·λ of
/// itself, then moves by η·m̂/(√v̂ + ε).
/// </summary>
public sealed class AdamW : MomentOptimizer
{
    private readonly AdamWConfig _config;

    internal AdamW(AdamWConfig config, IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays) : base(weights, decays) => _config = config;

    private protected override void Update(Gradients gradients, double learningRate) =>
        Update(gradients, new(learningRate, _config.Beta1, _config.Beta2, _config.Epsilon, _config.WeightDecay, Decoupled: true, StepCount + 1, gradients.PendingScale));
}
