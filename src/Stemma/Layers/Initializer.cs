using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>How a weight begins. Values are a function of the run's seed and the weight's name, not of the order of construction.</summary>
public abstract record Initializer
{
    /// <summary>Fills a new weight.</summary>
    /// <param name="values">The weight, row-major.</param>
    /// <param name="shape">Its shape, [output, input] for a matrix.</param>
    /// <param name="random">A stream of its own.</param>
    public abstract void Fill(Span<float> values, Shape shape, RandomStream random);

    /// <summary>One number everywhere.</summary>
    public sealed record Constant(float Value) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, Shape shape, RandomStream random) => values.Fill(Value);
    }

    /// <summary>Normal with mean 0.</summary>
    public sealed record Normal(double StandardDeviation) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, Shape shape, RandomStream random)
        {
            for (var i = 0; i < values.Length; i++) values[i] = (float)(StandardDeviation * random.Normal((ulong)i));
        }
    }

    /// <summary>Uniform from −bound to bound.</summary>
    public sealed record Uniform(double Bound) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, Shape shape, RandomStream random)
        {
            for (var i = 0; i < values.Length; i++) values[i] = (float)(Bound * (2 * random.Uniform((ulong)i) - 1));
        }
    }

    /// <summary>
    /// Uniform with variance 2·gain² / (input + output): keeps the variance of activations and of gradients through layers whose activation
    /// is straight around 0, such as tanh. Glorot &amp; Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 16.
    /// </summary>
    public sealed record Xavier(double Gain = 1) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, Shape shape, RandomStream random) =>
            new Uniform(Gain * Math.Sqrt(6.0 / (FanIn(shape) + shape[0]))).Fill(values, shape, random);
    }

    /// <summary>
    /// Normal with variance gain² / input: with the gain √2 it keeps the variance of activations through layers of ReLU, which drops half
    /// of it. He et al. 2015, "Delving deep into rectifiers", arXiv:1502.01852, equation 10.
    /// </summary>
    public sealed record Kaiming(double Gain = 1.4142135623730951) : Initializer
    {
        /// <inheritdoc/>
        public override void Fill(Span<float> values, Shape shape, RandomStream random) =>
            new Normal(Gain / Math.Sqrt(FanIn(shape))).Fill(values, shape, random);
    }

    // Of a matrix [output, input].
    private static int FanIn(Shape shape) =>
        shape.Rank == 2 ? Math.Max(shape[1], 1) : throw new ArgumentException($"Only a matrix [output, input] has as many inputs as this initialiser asks for; the shape is {shape}.", nameof(shape));
}
