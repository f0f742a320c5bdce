using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>The weights of a model that exists, by their names, for one that is put together otherwise.</summary>
/// <param name="source">All of them, float32.</param>
public sealed class CopiedWeights(IReadOnlyList<Parameter> source) : WeightSource
{
    private readonly Dictionary<string, Tensor> _values = source.ToDictionary(weight => weight.Name, weight => weight.Value);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is no such weight, or it has another shape.</exception>
    public override void Expect(string name, Shape shape)
    {
        if (!_values.TryGetValue(name, out var value)) throw new ArgumentException($"There is no weight {name} to copy.", nameof(name));
        if (value.Shape != shape) throw new ArgumentException($"The weight {name} is {value.Shape}, not {shape}.", nameof(shape));
    }

    /// <inheritdoc/>
    public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values) => _values[name].Span<float>().CopyTo(values);
}
