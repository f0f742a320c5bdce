using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>How a rotary embedding reaches beyond the length that it was trained at.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoRotaryScaling), "none")]
[JsonDerivedType(typeof(LinearRotaryScaling), "linear")]
[JsonDerivedType(typeof(NtkRotaryScaling), "ntk")]
[JsonDerivedType(typeof(DynamicRotaryScaling), "dynamic")]
[JsonDerivedType(typeof(YarnRotaryScaling), "yarn")]
[JsonDerivedType(typeof(Llama3RotaryScaling), "llama3")]
[JsonDerivedType(typeof(LongRotaryScaling), "longrope")]
public abstract record RotaryScaling
{
    /// <summary>Whether the angles depend on how long the sequence is.</summary>
    [JsonIgnore]
    public virtual bool DependsOnLength => false;

    /// <summary>Angles per position of each pair of channels, and what cosines and sines are multiplied by.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="size">Channels that turn; even.</param>
    /// <param name="contextLength">Positions of the model.</param>
    /// <param name="length">Tokens of the sequence.</param>
    public abstract (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length);

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <param name="size">Channels that turn.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path, int size)
    {
    }

    /// <summary>θ^(−2i/size): Su et al. 2021, arXiv:2104.09864, section 3.2.2.</summary>
    protected static double[] Plain(double theta, int size) => [.. Enumerable.Range(0, size / 2).Select(i => Math.Pow(theta, -2.0 * i / size))];

    /// <summary>Throws where a factor is below 1.</summary>
    private protected static void RequireFactor(double factor, string path)
    {
        if (!(factor >= 1)) throw new ConfigurationException($"{path}.factor is {factor}; it must be at least 1.");
    }
}
