using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Interpretability;

/// <summary>Points seen along the directions in which they vary most. Pearson 1901; Hotelling 1933.</summary>
/// <param name="Coordinates">[points, components], row by row; around 0.</param>
/// <param name="Variances">By component, the share of all variance, largest first.</param>
public sealed record PrincipalComponents(double[] Coordinates, double[] Variances)
{
    /// <summary>Finds the first components.</summary>
    /// <param name="points">[points, size], row by row.</param>
    /// <param name="size">Numbers of a point.</param>
    /// <param name="count">Components; at most the smaller of points and size.</param>
    /// <exception cref="ArgumentException">Numbers that are not finite, or sizes that do not fit.</exception>
    public static PrincipalComponents Of(ReadOnlySpan<float> points, int size, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (points.Length == 0 || points.Length % size != 0) throw new ArgumentException($"{points.Length} numbers are no points of {size}.", nameof(points));
        var (rows, centred) = (points.Length / size, new double[points.Length]);
        var means = new double[size];
        for (var i = 0; i < points.Length; i++)
        {
            if (!float.IsFinite(points[i])) throw new ArgumentException($"Number {i % size} of point {i / size} is not finite.", nameof(points));
            means[i % size] += (double)points[i] / rows;
        }
        var squares = 0.0;
        for (var i = 0; i < points.Length; i++)
        {
            centred[i] = points[i] - means[i % size];
            squares += centred[i] * centred[i];
        }
        var svd = TruncatedSvd.Of(new DenseMatrix(centred, rows, size), count);
        var coordinates = new double[rows * count];
        // Which way a direction points is anyone's choice: the largest coordinate is positive.
        for (var k = 0; k < count; k++)
        {
            var largest = 0.0;
            for (var row = 0; row < rows; row++)
                if (Math.Abs(svd.Left[row * count + k]) > Math.Abs(largest)) largest = svd.Left[row * count + k];
            for (var row = 0; row < rows; row++) coordinates[row * count + k] = svd.Left[row * count + k] * svd.Values[k] * (largest < 0 ? -1 : 1);
        }
        return new(coordinates, Array.ConvertAll(svd.Values, value => squares > 0 ? value * value / squares : 0));
    }
}
