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
}
