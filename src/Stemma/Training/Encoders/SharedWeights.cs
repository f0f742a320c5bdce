using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Training.Encoders;

/// <summary>Weights of which some are another model's: asked for, they are handed out instead of made.</summary>
/// <param name="own">Makes the others.</param>
/// <param name="shared">The other model's.</param>
/// <param name="prefix">Of this scope.</param>
internal sealed class SharedWeights(IWeights own, IReadOnlyDictionary<string, Parameter> shared, string prefix = "") : IWeights
{
    /// <inheritdoc/>
    public IReadOnlyList<Parameter> All => own.All;

    /// <inheritdoc/>
    public IWeights this[string name] => new SharedWeights(own[name], shared, $"{prefix}{name}.");

    /// <inheritdoc/>
    public Parameter Tensor(string name, Shape shape, Initializer initializer)
    {
        if (!shared.TryGetValue(prefix + name, out var parameter)) return own.Tensor(name, shape, initializer);
        return parameter.Shape == shape ? parameter : throw new ArgumentException($"The shared weight {prefix}{name} has shape {parameter.Shape}, not {shape}.", nameof(shape));
    }

    /// <inheritdoc/>
    public Linear Linear(string name, int inputSize, int outputSize, Initializer initializer, bool hasBias = true) => own.Linear(name, inputSize, outputSize, initializer, hasBias);
}
