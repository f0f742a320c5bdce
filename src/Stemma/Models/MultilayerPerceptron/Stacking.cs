using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.MultilayerPerceptron;

/// <summary>How one hidden layer stands on another: a family of records, each building its kind of layer.</summary>
public abstract record Stacking
{
    /// <summary>A hidden layer of <paramref name="size"/> units over as many: [rows, size] to the same.</summary>
    /// <param name="weights">Its scope.</param>
    /// <param name="size">Units.</param>
    /// <param name="initializer">How its weights begin.</param>
    internal abstract Block Build(IWeights weights, int size, Initializer initializer);

    /// <summary>One hidden layer: its input, the activation between what it computes before and after, and its output.</summary>
    internal delegate Tensor Block(Tensor x, Func<Tensor, Tensor> activation);
}

/// <summary>φ(W·x + b).</summary>
public sealed record PlainStacking : Stacking
{
    internal override Block Build(IWeights weights, int size, Initializer initializer)
    {
        var linear = weights.Linear("linear", size, size, initializer);
        return (x, activation) => activation(linear.Forward(x));
    }
}

/// <summary>x + φ(W·x + b): a way past every layer. He et al. 2015, arXiv:1512.03385.</summary>
public sealed record ResidualStacking : Stacking
{
    internal override Block Build(IWeights weights, int size, Initializer initializer)
    {
        var linear = weights.Linear("linear", size, size, initializer);
        return (x, activation) => x + activation(linear.Forward(x));
    }
}

/// <summary>φ(norm(W·x + b)). Ba et al. 2016, arXiv:1607.06450.</summary>
public sealed record NormalizedStacking : Stacking
{
    internal override Block Build(IWeights weights, int size, Initializer initializer)
    {
        var linear = weights.Linear("linear", size, size, initializer);
        var norm = new LayerNorm(weights["norm"], size, 1e-5);
        return (x, activation) => activation(norm.Forward(linear.Forward(x)));
    }
}

/// <summary>x + φ(W·norm(x) + b): both, as in a Transformer's blocks. Xiong et al. 2020, arXiv:2002.04745.</summary>
public sealed record NormalizedResidualStacking : Stacking
{
    internal override Block Build(IWeights weights, int size, Initializer initializer)
    {
        var norm = new LayerNorm(weights["norm"], size, 1e-5);
        var linear = weights.Linear("linear", size, size, initializer);
        return (x, activation) => x + activation(linear.Forward(norm.Forward(x)));
    }
}
