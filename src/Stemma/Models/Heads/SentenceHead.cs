using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.Heads;

/// <summary>Classifies a text by the row of its first token: a layer, an activation, and the projection to the labels.</summary>
/// <param name="dense">[texts, hidden] to the same.</param>
/// <param name="activation">After it.</param>
/// <param name="output">[texts, hidden] to [texts, labels].</param>
internal sealed class SentenceHead(Linear dense, Func<Tensor, Tensor> activation, Linear output)
{
    /// <summary>Probability with which the first layer's inputs are dropped while training.</summary>
    public double Before { get; init; }

    /// <summary>Probability with which the second layer's inputs are dropped while training.</summary>
    public double After { get; init; }

    /// <summary>[texts, hidden] to [texts, labels].</summary>
    /// <param name="x">The first rows.</param>
    /// <param name="pass">Dropout.</param>
    /// <param name="layers">Of the encoder: the head's dropout comes after theirs.</param>
    public Tensor Logits(Tensor x, in Pass pass, int layers)
    {
        x = activation(dense.Forward(pass.Drop(x, Before, DropoutPlace.Of(layers, DropoutPlace.AttentionWeights)), DType.Float32));
        return output.Forward(pass.Drop(x, After, DropoutPlace.Of(layers, DropoutPlace.AttentionOutput)), DType.Float32);
    }
}
