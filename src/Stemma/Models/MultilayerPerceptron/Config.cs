using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.MultilayerPerceptron;

/// <summary>Hidden layers between numbers and scores. Rumelhart, Hinton &amp; Williams 1986, "Learning representations by back-propagating errors".</summary>
public sealed record MultilayerPerceptronConfig
{
    /// <summary>Numbers per example.</summary>
    public required int InputSize { get; init; }

    /// <summary>Units of each hidden layer.</summary>
    public int HiddenSize { get; init; } = 16;

    /// <summary>Hidden layers, 1 or more.</summary>
    public int LayerCount { get; init; } = 1;

    /// <summary>Scores per example: classes, or values of a function.</summary>
    public required int OutputSize { get; init; }

    /// <summary>φ of the hidden layers, elementwise.</summary>
    public Func<Tensor, Tensor> Activation { get; init; } = TensorOps.Tanh;

    /// <summary>How weights begin; biases begin at 0.</summary>
    public Initializer Initializer { get; init; } = new Initializer.Xavier();

    /// <summary>How each hidden layer after the first stands on the one before.</summary>
    public Stacking Stacking { get; init; } = new PlainStacking();

    /// <summary>The net, its weights initialised or read as <paramref name="weights"/> decides.</summary>
    /// <exception cref="ConfigurationException">A size below 1.</exception>
    public MultilayerPerceptronModel Build(IWeights weights)
    {
        Check.Positive(InputSize, "input_size");
        Check.Positive(HiddenSize, "hidden_size");
        Check.Positive(LayerCount, "layer_count");
        Check.Positive(OutputSize, "output_size");
        return new(this, weights);
    }
}
