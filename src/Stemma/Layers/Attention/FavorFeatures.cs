using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// FAVOR+: exp(w·x − |x|²/2) of random directions w, whose products are an unbiased estimate of exp(q·k); directions that are orthogonal
/// err less. Choromanski et al. 2020 (Performer), arXiv:2009.14794, sections 2.3 and 2.4.
/// </summary>
/// <remarks>A query's features are divided by their largest, which the mean over keys takes out again. Keys have no such factor: it would depend on later keys.</remarks>
public sealed class FavorFeatures : FeatureMap
{
    private readonly float[] _directions;
    private readonly int _size;

    /// <summary>Draws the directions.</summary>
    /// <param name="size">Channels of a head.</param>
    /// <param name="featureCount">Directions: the more, the nearer to the softmax.</param>
    /// <param name="random">Draws them.</param>
    public FavorFeatures(int size, int featureCount, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(featureCount);
        (_size, Count) = (size, featureCount);
        _directions = Directions(size, featureCount, random);
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override Tensor Queries(Tensor x)
    {
        var exponents = Exponents(x);
        return (exponents - exponents.Detach().Max(-1, keepAxis: true)).Exp();
    }

    /// <inheritdoc/>
    public override Tensor Keys(Tensor x) => (Exponents(x) - 0.5 * Math.Log(Count)).Exp();

    /// <summary>Rows of normal length, [features, size], orthogonal within each group of as many as there are channels.</summary>
    internal static float[] Directions(int size, int count, RandomStream random)
    {
        var (directions, basis) = (new float[count * size], new List<double[]>());
        for (var row = 0; row < count; row++)
        {
            if (row % size == 0) basis.Clear();
            var (vector, length) = (Normal(2 * row), Math.Sqrt(Normal(2 * row + 1).Sum(x => x * x)));
            foreach (var other in basis)
            {
                var product = vector.Zip(other, (a, b) => a * b).Sum();
                for (var i = 0; i < size; i++) vector[i] -= product * other[i];
            }
            var norm = Math.Sqrt(vector.Sum(x => x * x));
            basis.Add([.. vector.Select(x => x / norm)]);
            for (var i = 0; i < size; i++) directions[row * size + i] = (float)(basis[^1][i] * length);
        }
        return directions;

        double[] Normal(int row) => [.. Enumerable.Range(0, size).Select(i => random.Normal((ulong)row * (ulong)size + (ulong)i))];
    }

    /// <summary>w·x − |x|²/2, x divided by the fourth root of its size so that products are those of scaled scores.</summary>
    private Tensor Exponents(Tensor x)
    {
        if (x.Shape[-1] != _size) throw new ArgumentException($"These features are of {_size} channels; the rows have {x.Shape[-1]}.", nameof(x));
        x *= Math.Pow(_size, -0.25);
        var directions = Tensor.From(_directions, [Count, _size], x.Device).Cast(x.DType);
        return x.MatMul(directions.Transposed) - x.Square().Sum(-1, keepAxis: true) * 0.5;
    }
}
