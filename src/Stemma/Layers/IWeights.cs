using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>
/// A named scope of weights that either initialises or reads a checkpoint. Names, loading and saving come from here, without
/// reflection, and the scope chooses the kind of linear layer: a model never changes when its weights are adapted or quantised.
/// </summary>
public interface IWeights
{
    /// <summary>Every weight of the model that was asked for so far, in any scope, in that order.</summary>
    IReadOnlyList<Parameter> All { get; }

    /// <summary>The scope of a part: <c>weights["h"]["0"]["attn"]</c> is <c>h.0.attn</c>.</summary>
    IWeights this[string name] { get; }

    /// <summary>A weight of this scope.</summary>
    /// <param name="name">For example <c>weight</c>.</param>
    /// <param name="shape">Its shape, which a checkpoint must match.</param>
    /// <param name="initializer">Its values where nothing is read.</param>
    Parameter Tensor(string name, Shape shape, Initializer initializer);

    /// <summary>A linear layer of this scope.</summary>
    /// <param name="name">Its scope.</param>
    /// <param name="inputSize">Columns of its weight.</param>
    /// <param name="outputSize">Rows of its weight.</param>
    /// <param name="initializer">The weight's values where nothing is read; the bias starts at 0.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    Linear Linear(string name, int inputSize, int outputSize, Initializer initializer, bool hasBias = true);
}
