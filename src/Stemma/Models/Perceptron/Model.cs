namespace Stemma.Models.Perceptron;

/// <summary>
/// A unit with a threshold: yes when w·x + b &gt; 0. It learns from its mistakes alone: an example it should have said yes to is added
/// to the weights, one it should have said no to is taken away. Rosenblatt 1958, "The perceptron: a probabilistic model for information
/// storage and organization in the brain".
/// </summary>
/// <param name="inputSize">Numbers per example.</param>
public sealed class PerceptronModel(int inputSize)
{
    private readonly double[] _weights = inputSize > 0 ? new double[inputSize] : throw new ArgumentOutOfRangeException(nameof(inputSize), inputSize, "A perceptron looks at one number at least.");

    /// <summary>w, [input size]; begins at 0.</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>b; begins at 0.</summary>
    public double Bias { get; private set; }

    /// <summary>w·x + b.</summary>
    /// <exception cref="ArgumentException">An example of another size.</exception>
    public double Score(ReadOnlySpan<double> x)
    {
        if (x.Length != _weights.Length) throw new ArgumentException($"This perceptron looks at {_weights.Length} numbers; the example has {x.Length}.", nameof(x));
        var score = Bias;
        for (var i = 0; i < x.Length; i++) score += _weights[i] * x[i];
        return score;
    }

    /// <summary>Whether the score is above 0.</summary>
    public bool Predict(ReadOnlySpan<double> x) => Score(x) > 0;

    /// <summary>The learning rule, once.</summary>
    /// <param name="x">An example.</param>
    /// <param name="label">What should be said of it.</param>
    /// <returns>Whether it was a mistake, and so changed the weights.</returns>
    public bool Learn(ReadOnlySpan<double> x, bool label)
    {
        if (Predict(x) == label) return false;
        var sign = label ? 1 : -1;
        for (var i = 0; i < x.Length; i++) _weights[i] += sign * x[i];
        Bias += sign;
        return true;
    }

    /// <summary>Goes through the examples in their order until a pass has no mistake.</summary>
    /// <param name="examples">What to learn.</param>
    /// <param name="passes">The most passes.</param>
    /// <returns>The mistakes of each pass; the last is 0 where it converged.</returns>
    public IReadOnlyList<int> Train(IReadOnlyList<LabelledExample> examples, int passes)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var mistakes = new List<int>();
        for (var pass = 0; pass < passes; pass++)
        {
            mistakes.Add(examples.Count(example => Learn(example.Input.Span, example.Label)));
            if (mistakes[^1] == 0) break;
        }
        return mistakes;
    }

    /// <summary>The share of examples that it is right on.</summary>
    public double Accuracy(IReadOnlyList<LabelledExample> examples) => examples.Count(example => Predict(example.Input.Span) == example.Label) / (double)examples.Count;

    /// <summary>
    /// The most mistakes that any order of these examples can cause: (R/γ)², where R is the length of the longest example and γ the margin
    /// by which the given separator parts them, the constant input of the bias counted in. Novikoff 1962, "On convergence proofs on perceptrons".
    /// </summary>
    /// <param name="examples">What is to be learnt.</param>
    /// <param name="weights">A separator's weights; the wider its margin, the lower the bound.</param>
    /// <param name="bias">Its bias.</param>
    /// <returns>Infinite where the separator does not part the examples.</returns>
    public static double MistakeBound(IReadOnlyList<LabelledExample> examples, ReadOnlySpan<double> weights, double bias)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var (longest, margin, norm) = (0.0, double.PositiveInfinity, bias * bias);
        foreach (var w in weights) norm += w * w;
        foreach (var (input, label) in examples)
        {
            var (score, square) = (bias, 1.0);
            var x = input.Span;
            if (x.Length != weights.Length) throw new ArgumentException($"The separator has {weights.Length} weights; an example has {x.Length} numbers.", nameof(weights));
            for (var i = 0; i < x.Length; i++)
            {
                score += weights[i] * x[i];
                square += x[i] * x[i];
            }
            longest = Math.Max(longest, square);
            margin = Math.Min(margin, label ? score : -score);
        }
        return margin > 0 ? longest * norm / (margin * margin) : double.PositiveInfinity;
    }
}

/// <summary>What a perceptron looks at, and what it should say.</summary>
/// <param name="Input">The numbers.</param>
/// <param name="Label">Yes or no.</param>
public readonly record struct LabelledExample(ReadOnlyMemory<double> Input, bool Label);
