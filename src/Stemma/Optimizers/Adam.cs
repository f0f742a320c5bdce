using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Optimizers;

/// <summary>Adam (Kingma &amp; Ba 2014, arXiv:1412.6980, algorithm 1); weight decay, if any, is added to the gradient.</summary>
public sealed class Adam : Optimizer
{
    private readonly AdamConfig _config;

    internal Adam(AdamConfig config, IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays) : base(weights, decays, "mean", "variance") => _config = config;

    private protected override void Update(int index, Tensor gradient, double learningRate) => Weights[index].Value.AdamUpdate(
        gradient, StateOf(index, 0), StateOf(index, 1),
        new(learningRate, _config.Beta1, _config.Beta2, _config.Epsilon, Decays[index] ? _config.WeightDecay : 0, Decoupled: false, StepCount + 1));
}
