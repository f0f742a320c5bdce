using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Predicts tokens from an encoder's rows: a layer, an activation, a norm, and the projection to the vocabulary.</summary>
/// <param name="dense">[rows, hidden] to [rows, size].</param>
/// <param name="activation">After it.</param>
/// <param name="norm">After that.</param>
/// <param name="weight">[vocabulary, size].</param>
/// <param name="bias">[vocabulary].</param>
internal sealed class MaskedHead(Linear dense, Activation activation, LayerNorm norm, Parameter weight, Parameter bias)
{
    /// <summary>[rows, hidden] to [rows, vocabulary].</summary>
    public Tensor Logits(Tensor hidden) => Transform(hidden).Linear(weight, bias.Value);

    /// <summary>The mean cross-entropy of the targets that count, in nats.</summary>
    public Tensor Loss(Tensor hidden, Tensor targets, double? divisor) => Transform(hidden).LinearCrossEntropy(weight, targets, divisor: divisor, bias: bias.Value);

    private Tensor Transform(Tensor hidden) => norm.Forward(activation.Apply(dense.Forward(hidden)));
}
