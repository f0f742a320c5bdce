using Stemma.Layers;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Optimizers;

/// <summary>
/// Gradient descent with optional momentum (Polyak 1964) or Nesterov's, in PyTorch's form: velocity ← μ·velocity + gradient,
/// weight ← weight − η·velocity.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly SgdConfig _config;

    internal Sgd(SgdConfig config, IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays)
        : base(weights, decays, config.Momentum > 0 ? ["velocity"] : []) => _config = config;

    private protected override void Update(Gradients gradients, double learningRate)
    {
        for (var i = 0; i < Weights.Count; i++)
        {
            if (!gradients.TryGet(Weights[i], out var gradient)) continue;
            Weights[i].Value.SgdUpdate(
                gradient, _config.Momentum > 0 ? StateOf(i, 0) : null, new(learningRate, _config.Momentum, _config.Nesterov, Decays[i] ? _config.WeightDecay : 0, IsFirstStep: StepCount == 0));
        }
    }
}
