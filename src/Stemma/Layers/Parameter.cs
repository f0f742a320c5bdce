using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>A weight: a tensor that training changes, and its name in the checkpoint.</summary>
/// <param name="Name">For example <c>h.0.attn.c_attn.weight</c>.</param>
/// <param name="Value">Requires a gradient; changed in place.</param>
public sealed record Parameter(string Name, Tensor Value)
{
    /// <summary>The sizes of the weight.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Whether weight decay applies: to matrices, not to biases and norms.</summary>
    public bool Decays => Shape.Rank > 1;

    /// <summary>The tensor.</summary>
    public static implicit operator Tensor(Parameter parameter) => parameter.Value;
}
