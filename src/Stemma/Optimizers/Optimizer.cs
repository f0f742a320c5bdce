using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;

namespace Stemma.Optimizers;

/// <summary>Turns gradients into changes of the weights, and remembers what it needs from step to step.</summary>
/// <remarks>
/// A weight without a gradient in a step stays as it is, decay included; the steps that correct Adam's bias are the optimizer's,
/// counted over all weights together.
/// </remarks>
public abstract class Optimizer
{
    private readonly (string Name, Tensor Value)[] _state;

    /// <summary>An optimizer whose memory is one tensor of zeros per weight and kind.</summary>
    /// <param name="weights">What it changes, in place.</param>
    /// <param name="decays">Which weights decay; matrices when null.</param>
    /// <param name="stateNames">The kinds: for example <c>mean</c>, <c>variance</c>.</param>
    private protected Optimizer(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays, params ReadOnlySpan<string> stateNames)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Weights = weights;
        Decays = [.. weights.Select(decays ?? (weight => weight.Decays))];
        using var outside = Memory.Outside();
        _state = new (string, Tensor)[weights.Count * stateNames.Length];
        StateCount = stateNames.Length;
        for (var i = 0; i < _state.Length; i++)
        {
            var weight = weights[i / StateCount];
            _state[i] = ($"{weight.Name}.{stateNames[i % StateCount]}", Tensor.Zeros(weight.Shape, weight.Value.DType, weight.Value.Device));
        }
    }

    /// <summary>What the optimizer changes.</summary>
    public IReadOnlyList<Parameter> Weights { get; }

    /// <summary>Steps taken. Set together with <see cref="State"/> to go on where another optimizer of the same weights stopped.</summary>
    public long StepCount { get; set; }

    /// <summary>
    /// All that the optimizer remembers besides <see cref="StepCount"/>: tensors of the weights' shapes, named after them. Saved and
    /// read back, they make its next step the same, bit for bit.
    /// </summary>
    public IReadOnlyList<(string Name, Tensor Value)> State => _state;

    private protected bool[] Decays { get; }

    private int StateCount { get; }

    /// <summary>Changes the weights.</summary>
    /// <param name="gradients">Of the loss to make smaller, after any clipping.</param>
    /// <param name="learningRate">η ≥ 0.</param>
    public void Step(Gradients gradients, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (!(learningRate >= 0)) throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "A learning rate is not negative.");
        Update(gradients, learningRate);
        StepCount++;
    }

    /// <summary>Changes the weights that have a gradient; <see cref="StepCount"/> still counts the steps before this one.</summary>
    private protected abstract void Update(Gradients gradients, double learningRate);

    /// <summary>What is remembered of one weight.</summary>
    private protected Tensor StateOf(int index, int kind) => _state[index * StateCount + kind].Value;
}
