using Stemma.Numerics;

namespace Stemma.Interpretability;

/// <summary>
/// Points of many numbers on a plane, near ones near: the exact t-SNE of van der Maaten and Hinton 2008, "Visualizing Data using t-SNE",
/// with its early exaggeration, momentum and gains. Time and memory grow with the square of the points.
/// </summary>
public sealed record Tsne
{
    /// <summary>The most points: their distances are all kept.</summary>
    public const int MostPoints = 5000;

    /// <summary>About how many neighbours a point has: 2 to the entropy of its neighbourhood. Below a third of the points.</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>Steps of gradient descent.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>The length of a step; 0 for points ÷ 12, at least 50 (Belkina et al. 2019).</summary>
    public double LearningRate { get; init; }

    /// <summary>Decides where points start.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Steps in which what attracts is exaggerated.</summary>
    private const int EarlySteps = 250;

    private const double Exaggeration = 12;

    /// <summary>Places points.</summary>
    /// <param name="points">[points, size], row by row.</param>
    /// <param name="size">Numbers of a point.</param>
    /// <param name="progress">Told the share done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The places and KL(P‖Q) in nats.</returns>
    /// <exception cref="ConfigurationException">Too many points, or too few for the perplexity.</exception>
    public (double[] Places, double Divergence) Place(ReadOnlySpan<float> points, int size, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var count = points.Length / size;
        if (count > MostPoints) throw new ConfigurationException($"t-SNE keeps the distances of all pairs; {count:N0} points are more than {MostPoints:N0}. Give fewer.");
        if (Perplexity is not (>= 1) || 3 * Perplexity >= count) throw new ConfigurationException($"A perplexity of {Perplexity} needs more than {3 * Perplexity:0} points; there are {count}. Choose a smaller perplexity, or more points.");
        if (Steps < 1) throw new ConfigurationException($"The number of steps is {Steps}; it is at least 1.");
        var affinities = Affinities(points, size, Perplexity);
        var places = new double[2 * count];
        var random = new RandomStream(Seed).Fork("tsne");
        for (var i = 0; i < places.Length; i++) places[i] = 1e-4 * random.Normal((ulong)i);
        var (gradient, velocity, gains) = (new double[2 * count], new double[2 * count], new double[2 * count]);
        Array.Fill(gains, 1);
        var rate = LearningRate > 0 ? LearningRate : Math.Max(50, count / 12.0);
        for (var step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var isEarly = step < EarlySteps;
            Gradient(affinities, places, isEarly ? Exaggeration : 1, gradient);
            for (var i = 0; i < places.Length; i++)
            {
                gains[i] = Math.Max(0.01, Math.Sign(gradient[i]) == Math.Sign(velocity[i]) ? gains[i] * 0.8 : gains[i] + 0.2);
                velocity[i] = (isEarly ? 0.5 : 0.8) * velocity[i] - rate * gains[i] * gradient[i];
                places[i] += velocity[i];
            }
            Centre(places);
            if (step % 10 == 9) progress?.Report((step + 1.0) / Steps);
        }
        return (places, Divergence(affinities, places));
    }

    /// <summary>p_ij: how likely i and j pick each other as neighbours, over all pairs; equation 1 with a width per point that gives its neighbourhood the perplexity, made symmetric.</summary>
    /// <returns>[points, points]; adds up to 1.</returns>
    internal static double[] Affinities(ReadOnlySpan<float> points, int size, double perplexity)
    {
        var (values, count) = (points.ToArray(), points.Length / size);
        var conditional = new double[count * count];
        Parallel.For(0, count, i =>
        {
            var row = conditional.AsSpan(i * count, count);
            for (var j = 0; j < count; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < size; k++) sum += Math.Pow((double)values[i * size + k] - values[j * size + k], 2);
                row[j] = sum;
            }
            Calibrate(row, i, Math.Log(perplexity));
        });
        var joint = new double[count * count];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++) joint[i * count + j] = (conditional[i * count + j] + conditional[j * count + i]) / (2.0 * count);
        return joint;
    }

    /// <summary>KL(P‖Q) in nats, equation 2, with Student's q of the places.</summary>
    internal static double Divergence(double[] affinities, double[] places)
    {
        var (count, total, sum) = (places.Length / 2, 0.0, 0.0);
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                if (i != j) total += Nearness(places, i, j);
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                if (i != j && affinities[i * count + j] is > 0 and var p) sum += p * Math.Log(p * total / Nearness(places, i, j));
        return sum;
    }

    /// <summary>4 Σ_j (α·p_ij − q_ij)(y_i − y_j)(1 + |y_i − y_j|²)⁻¹, equation 5; α exaggerates what attracts.</summary>
    internal static void Gradient(double[] affinities, double[] places, double exaggeration, double[] gradient)
    {
        var count = places.Length / 2;
        var totals = new double[count];
        Parallel.For(0, count, i =>
        {
            var sum = 0.0;
            for (var j = 0; j < count; j++) sum += Nearness(places, i, j);
            totals[i] = sum - 1;
        });
        var total = totals.Sum();
        Parallel.For(0, count, i =>
        {
            var (x, y) = (0.0, 0.0);
            for (var j = 0; j < count; j++)
            {
                var near = Nearness(places, i, j);
                var pull = (exaggeration * affinities[i * count + j] - near / total) * near;
                x += pull * (places[2 * i] - places[2 * j]);
                y += pull * (places[2 * i + 1] - places[2 * j + 1]);
            }
            (gradient[2 * i], gradient[2 * i + 1]) = (4 * x, 4 * y);
        });
    }

    private static double Nearness(double[] places, int i, int j)
    {
        var (x, y) = (places[2 * i] - places[2 * j], places[2 * i + 1] - places[2 * j + 1]);
        return 1 / (1 + x * x + y * y);
    }

    /// <summary>Turns squared distances into probabilities exp(−βd)/Σ of the given entropy, by bisection on β.</summary>
    private static void Calibrate(Span<double> distances, int self, double entropy)
    {
        var (beta, low, high) = (1.0, 0.0, double.PositiveInfinity);
        var nearest = double.PositiveInfinity;
        for (var j = 0; j < distances.Length; j++)
            if (j != self) nearest = Math.Min(nearest, distances[j]);
        var (sum, mean) = (0.0, 0.0);
        for (var i = 0; i < 200; i++)
        {
            (sum, mean) = (0, 0);
            for (var j = 0; j < distances.Length; j++)
            {
                if (j == self) continue;
                var p = Math.Exp(-beta * (distances[j] - nearest));
                sum += p;
                mean += p * (distances[j] - nearest);
            }
            var difference = Math.Log(sum) + beta * mean / sum - entropy;
            if (Math.Abs(difference) < 1e-7) break;
            if (difference > 0) (low, beta) = (beta, double.IsInfinity(high) ? beta * 2 : (beta + high) / 2);
            else (high, beta) = (beta, (beta + low) / 2);
        }
        for (var j = 0; j < distances.Length; j++) distances[j] = j == self ? 0 : Math.Exp(-beta * (distances[j] - nearest)) / sum;
    }

    private static void Centre(double[] places)
    {
        var (x, y, count) = (0.0, 0.0, places.Length / 2);
        for (var i = 0; i < count; i++) (x, y) = (x + places[2 * i] / count, y + places[2 * i + 1] / count);
        for (var i = 0; i < count; i++) (places[2 * i], places[2 * i + 1]) = (places[2 * i] - x, places[2 * i + 1] - y);
    }
}
