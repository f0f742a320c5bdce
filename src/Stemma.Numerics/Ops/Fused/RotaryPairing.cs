namespace Stemma.Numerics.Ops;

/// <summary>Which two channels of a head are turned together.</summary>
public enum RotaryPairing
{
    /// <summary>Channel i and channel i + pairs: GPT-NeoX, Llama and most others.</summary>
    Halves,

    /// <summary>Channels 2i and 2i + 1: the paper, and GPT-J.</summary>
    Neighbours,
}
