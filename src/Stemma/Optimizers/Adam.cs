using Stemma.Layers;
using Stemma.Numerics.Autograd;

namespace Stemma.Optimizers;

/// <summary>Adam (Kingma &amp; Ba 2014, arXiv:1412.6980, algorithm 1); weight decay, if any, is added to the gradient.</summary>
public sealed class Adam : MomentOptimizer
{
    private readonly AdamConfig _config;

    internal Adam(AdamConfig config, IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays) : base(weights, decays) => _config = config;

    private protected override void Update(Gradients gradients, double learningRate) =>
        Update(gradients, new(learningRate, _config.Beta1, _config.Beta2, _config.Epsilon, _config.WeightDecay, Decoupled: false, StepCount + 1, gradients.PendingScale));
}
