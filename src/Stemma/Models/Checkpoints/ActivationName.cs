using Stemma.Layers;

namespace Stemma.Models.Checkpoints;

/// <summary>Activations as Hugging Face's configurations name them.</summary>
internal static class ActivationName
{
    /// <summary>The names, for an error.</summary>
    public const string Known = "gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu and swish";

    /// <summary>The activation of a name; null for an unknown one.</summary>
    public static ActivationKind? Find(string name) => name switch
    {
        "gelu" or "gelu_python" => ActivationKind.Gelu,
        // Written differently, the same function.
        "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" or "gelu_accurate" => ActivationKind.GeluTanh,
        "relu" => ActivationKind.Relu,
        "silu" or "swish" => ActivationKind.Silu,
        _ => null,
    };
}
