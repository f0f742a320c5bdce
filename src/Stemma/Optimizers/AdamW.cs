using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov &amp; Hutter 2017, arXiv:1711.05101, algorithm 2): a weight first shrinks by η·λ of
/// itself, then moves by η·m̂/(√v̂ + ε).
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly AdamWConfig _config;

    internal AdamW(AdamWConfig config, IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays) : base(weights, decays, "mean", "variance") => _config = config;

    private protected override void Update(int index, Tensor gradient, double learningRate) => Weights[index].Value.AdamUpdate(
        gradient, StateOf(index, 0), StateOf(index, 1),
        new(learningRate, _config.Beta1, _config.Beta2, _config.Epsilon, Decays[index] ? _config.WeightDecay : 0, Decoupled: true, StepCount + 1));
}
