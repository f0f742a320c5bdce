using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The activations that a configuration may name.</summary>
public enum ActivationKind
{
    /// <summary><see cref="TensorOps.Gelu"/>.</summary>
    Gelu,

    /// <summary><see cref="TensorOps.GeluTanh"/>.</summary>
    GeluTanh,

    /// <summary><see cref="TensorOps.Relu"/>.</summary>
    Relu,

    /// <summary><see cref="TensorOps.Silu"/>.</summary>
    Silu,
}

/// <summary>From a name to the operation.</summary>
public static class ActivationKinds
{
    /// <summary>The operation of a name.</summary>
    public static Activation Function(this ActivationKind kind) => kind switch
    {
        ActivationKind.Gelu => Activation.Gelu,
        ActivationKind.GeluTanh => Activation.GeluTanh,
        ActivationKind.Relu => Activation.Relu,
        ActivationKind.Silu => Activation.Silu,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown activation."),
    };
}
