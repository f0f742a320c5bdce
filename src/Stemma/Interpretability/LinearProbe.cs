using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Interpretability;

/// <summary>
/// Tells two classes of vectors apart by a weighted sum of their numbers: what a representation holds in a form that the simplest reader
/// finds. Alain and Bengio 2016, "Understanding intermediate layers using linear classifier probes", arXiv:1610.01644. Logistic
/// regression over numbers scaled to mean 0 and deviation 1, with a penalty on the weights; its only minimum is found by Newton's method.
/// </summary>
public sealed class LinearProbe
{
    private const int MostSteps = 100;

    private readonly double[] _means, _scales;

    // The weights, then the constant.
    private readonly double[] _weights;

    private LinearProbe(double[] means, double[] scales, double[] weights) => (_means, _scales, _weights) = (means, scales, weights);

    /// <summary>Learns from examples.</summary>
    /// <param name="points">[examples, size], row by row.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="labels">The class of each; both must occur.</param>
    /// <param name="penalty">λ of λ/2·‖w‖² beside the sum of the examples' losses; positive. The constant is free of it.</param>
    /// <exception cref="ArgumentException">Sizes that do not fit, a class without an example, numbers that are not finite.</exception>
    public static LinearProbe Fit(ReadOnlySpan<float> points, int size, ReadOnlySpan<bool> labels, double penalty = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (!(penalty > 0)) throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "The penalty must be positive: without one, classes that can be told apart have no best weights.");
        if (points.Length != (long)size * labels.Length) throw new ArgumentException($"{points.Length} numbers are not {labels.Length} vectors of {size}.", nameof(points));
        if (!labels.Contains(true) || !labels.Contains(false)) throw new ArgumentException("A probe needs examples of both classes.", nameof(labels));
        var (rows, means, scales) = (labels.Length, new double[size], new double[size]);
        for (var i = 0; i < points.Length; i++)
        {
            if (!float.IsFinite(points[i])) throw new ArgumentException($"Number {i % size} of vector {i / size} is not finite.", nameof(points));
            means[i % size] += (double)points[i] / rows;
        }
        for (var i = 0; i < points.Length; i++) scales[i % size] += Math.Pow(points[i] - means[i % size], 2) / rows;
        // What is always the same (but for rounding) tells nothing and gets no weight.
        for (var k = 0; k < size; k++) scales[k] = scales[k] > 1e-12 * (means[k] * means[k] + 1e-12) ? 1 / Math.Sqrt(scales[k]) : 0;
        var probe = new LinearProbe(means, scales, new double[size + 1]);
        var x = new double[rows][];
        for (var row = 0; row < rows; row++) x[row] = probe.Scaled(points.Slice(row * size, size));
        probe.Minimise(x, labels.ToArray(), penalty);
        return probe;
    }

    /// <summary>How a probe does on vectors that it has not seen: each part of the examples is told by one that learned from the others.</summary>
    /// <param name="points">[examples, size], row by row.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="folds">Parts: of each class a run of neighbours, so that both are in all; at least two, and no more than the rarer class has examples.</param>
    /// <param name="penalty">As in <see cref="Fit"/>.</param>
    /// <returns>What is said of each example.</returns>
    /// <exception cref="ArgumentException">As in <see cref="Fit"/>, or a class with fewer examples than folds.</exception>
    public static bool[] CrossValidated(ReadOnlySpan<float> points, int size, ReadOnlySpan<bool> labels, int folds, double penalty = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var (all, rows) = (labels.ToArray(), labels.Length);
        int[] counts = [all.Count(label => !label), all.Count(label => label)];
        if (counts.Min() < folds) throw new ArgumentException($"The rarer class has {counts.Min()} examples, fewer than {folds} folds.", nameof(labels));
        var (seen, fold, said) = (new int[2], new int[rows], new bool[rows]);
        for (var row = 0; row < rows; row++)
        {
            var label = all[row] ? 1 : 0;
            fold[row] = (int)((long)seen[label]++ * folds / counts[label]);
        }
        for (var part = 0; part < folds; part++)
        {
            int[] others = [.. Enumerable.Range(0, rows).Where(row => fold[row] != part)];
            var learned = new float[others.Length * size];
            for (var i = 0; i < others.Length; i++) points.Slice(others[i] * size, size).CopyTo(learned.AsSpan(i * size));
            var probe = Fit(learned, size, [.. others.Select(row => all[row])], penalty);
            for (var row = 0; row < rows; row++)
                if (fold[row] == part) said[row] = probe.Logit(points.Slice(row * size, size)) > 0;
        }
        return said;
    }

    /// <summary>The logarithm of the odds that a vector is of the class <see langword="true"/>.</summary>
    public double Logit(ReadOnlySpan<float> point)
    {
        if (point.Length != _means.Length) throw new ArgumentException($"The vector has {point.Length} numbers, not {_means.Length}.", nameof(point));
        return Dot(Scaled(point));
    }

    private double[] Scaled(ReadOnlySpan<float> point)
    {
        var scaled = new double[_means.Length];
        for (var k = 0; k < scaled.Length; k++) scaled[k] = (point[k] - _means[k]) * _scales[k];
        return scaled;
    }

    private double Dot(double[] x)
    {
        var sum = _weights[^1];
        for (var k = 0; k < x.Length; k++) sum += _weights[k] * x[k];
        return sum;
    }

    private void Minimise(double[][] x, bool[] labels, double penalty)
    {
        var (size, loss) = (_means.Length, Loss(x, labels, penalty));
        for (var step = 0; step < MostSteps; step++)
        {
            var (gradient, hessian) = (new double[size + 1], new double[size + 1, size + 1]);
            for (var k = 0; k < size; k++) (gradient[k], hessian[k, k]) = (penalty * _weights[k], penalty);
            // Keeps the constant's curvature positive where all odds are extreme.
            hessian[size, size] = 1e-9;
            for (var row = 0; row < x.Length; row++)
            {
                var p = 1 / (1 + Math.Exp(-Dot(x[row])));
                var (error, curvature, from) = (p - (labels[row] ? 1 : 0), p * (1 - p), x[row]);
                for (var i = 0; i < size; i++)
                {
                    gradient[i] += error * from[i];
                    var scaled = curvature * from[i];
                    for (var j = 0; j <= i; j++) hessian[i, j] += scaled * from[j];
                    hessian[size, i] += scaled;
                }
                gradient[size] += error;
                hessian[size, size] += curvature;
            }
            if (gradient.Max(Math.Abs) < 1e-8 * x.Length) return;
            var direction = PositiveDefinite.Solve(hessian, gradient);
            var before = (double[])_weights.Clone();
            // Newton's full step, halved while it does not improve.
            for (var share = 1.0; ; share /= 2)
            {
                for (var k = 0; k <= size; k++) _weights[k] = before[k] - share * direction[k];
                var now = Loss(x, labels, penalty);
                if (now < loss)
                {
                    loss = now;
                    break;
                }
                if (share > 1e-6) continue;
                before.CopyTo(_weights, 0);
                return;
            }
        }
    }

    private double Loss(double[][] x, bool[] labels, double penalty)
    {
        var sum = 0.0;
        for (var k = 0; k < _means.Length; k++) sum += penalty / 2 * _weights[k] * _weights[k];
        for (var row = 0; row < x.Length; row++)
        {
            var z = labels[row] ? -Dot(x[row]) : Dot(x[row]);
            // ln(1 + e^z) without overflow.
            sum += Math.Max(z, 0) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }
        return sum;
    }
}
