using System.Globalization;
using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Weights of one model on one device: the root scope, and all its scopes.</summary>
public sealed class Weights : IWeights
{
    private readonly Weights _root;
    private readonly string _prefix;
    private readonly WeightSource _source;
    private readonly Device _device;
    private readonly List<Parameter> _all = [];
    private readonly HashSet<string> _names = [];

    /// <summary>The root scope of a new model.</summary>
    /// <param name="source">Where values come from.</param>
    /// <param name="device">Where they go.</param>
    public Weights(WeightSource source, Device device) => (_root, _prefix, _source, _device) = (this, "", source, device);

    private Weights(Weights root, string prefix) => (_root, _prefix, _source, _device) = (root, prefix, root._source, root._device);

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> All => _root._all;

    /// <inheritdoc/>
    public IWeights this[string name] => new Weights(_root, $"{_prefix}{name}.");

    /// <summary>The scope of one of several like parts.</summary>
    public IWeights this[int index] => this[index.ToString(CultureInfo.InvariantCulture)];

    /// <inheritdoc/>
    public Parameter Tensor(string name, Shape shape, Initializer initializer)
    {
        var fullName = _prefix + name;
        if (!_root._names.Add(fullName)) throw new InvalidOperationException($"Two parts of the model ask for a weight named {fullName}.");
        _source.Expect(fullName, shape);
        using var outside = Memory.Outside();
        var value = Numerics.Tensor.Empty(shape, DType.Float32, _device);
        _source.Fill(fullName, shape, initializer, value.Span<float>());
        var parameter = new Parameter(fullName, value.WithGradient());
        _root._all.Add(parameter);
        return parameter;
    }

    /// <inheritdoc/>
    public Linear Linear(string name, int inputSize, int outputSize, Initializer initializer, bool hasBias = true)
    {
        var scope = this[name];
        return new DenseLinear(
            scope.Tensor("weight", [outputSize, inputSize], initializer),
            hasBias ? scope.Tensor("bias", [outputSize], new Initializer.Constant(0)) : null);
    }
}

/// <summary>Where the values of weights come from.</summary>
public abstract class WeightSource
{
    /// <summary>Called before memory is taken for a weight: throws where the source cannot fill one of this name and shape.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="shape">Its shape.</param>
    public virtual void Expect(string name, Shape shape)
    {
    }

    /// <summary>Writes a weight's values.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="initializer">How it begins where nothing is read.</param>
    /// <param name="values">Receives the values, row-major.</param>
    public abstract void Fill(string name, Shape shape, Initializer initializer, Span<float> values);
}

/// <summary>Fresh weights: a function of the seed and each weight's name.</summary>
public sealed class InitialWeights(ulong seed) : WeightSource
{
    private readonly RandomStream _random = new RandomStream(seed).Fork("weights");

    /// <inheritdoc/>
    public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values) => initializer.Fill(values, shape, _random.Fork(name));
}
