using Stemma.Numerics;
using Stemma.Numerics.Distributions;

namespace Stemma.Evaluation.TextStatistics;

/// <summary>
/// How much a symbol tells of another so many places on, in bits: the mutual information of pairs against their lag. In a text it falls like
/// a power of the lag, in what a Markov chain writes exponentially. Li 1990; Lin &amp; Tegmark 2016, arXiv:1606.06737.
/// </summary>
/// <param name="Points">By rising lag.</param>
/// <param name="Floor">In bits: four standard deviations of what chance alone gives where the order is shuffled. What lies below tells nothing.</param>
public sealed record LagInformation(IReadOnlyList<LagPoint> Points, double Floor)
{
    private const int Shuffles = 8;

    /// <summary>The points that are above what chance gives.</summary>
    public IReadOnlyList<LagPoint> Told => [.. Points.TakeWhile(point => point.Bits > Floor)];

    /// <summary>The straight line of ln bits over ln lag: a power law. Null with fewer than four points above the floor.</summary>
    public LogFit? Power => LogFit.Of(Told, lag => Math.Log(lag));

    /// <summary>The straight line of ln bits over the lag: exponential decay.</summary>
    public LogFit? Exponential => LogFit.Of(Told, lag => lag);

    /// <summary>Measures it, less what the same symbols in an order of chance give: of many symbols and few pairs Miller's correction leaves some bias.</summary>
    /// <param name="text">Symbols.</param>
    /// <param name="lags">Rising, from 1.</param>
    /// <param name="random">Shuffles the text.</param>
    /// <param name="progress">Told each lag done.</param>
    /// <param name="cancellation">Stops between lags.</param>
    public static LagInformation Measure(SymbolSequence text, IReadOnlyList<int> lags, RandomStream random, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(lags);
        double[] shuffled = [.. Enumerable.Range(0, Shuffles).Select(i => Bits(text.Shuffled(random.Fork((ulong)i)), 1))];
        var bias = shuffled.Average();
        var points = new LagPoint[lags.Count];
        for (var i = 0; i < points.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            points[i] = new(lags[i], Bits(text, lags[i]) - bias);
            progress?.Report(i + 1);
        }
        return new(points, 4 * Math.Sqrt(shuffled.Sum(bits => (bits - bias) * (bits - bias)) / (Shuffles - 1)));
    }

    /// <summary>Lags at about equal factors, each once: 1, 2, 3, … , most.</summary>
    /// <param name="most">The largest.</param>
    /// <param name="perDecade">How many between 10 and 100.</param>
    public static IReadOnlyList<int> Lags(int most, int perDecade = 12) =>
        [.. Enumerable.Range(0, (int)(Math.Log10(most) * perDecade) + 1).Select(i => (int)Math.Round(Math.Pow(10, (double)i / perDecade))).Append(most).Distinct()];

    private static double Bits(SymbolSequence text, int lag) => Information.MutualInformation(text.Pairs(lag), corrected: true) / Math.Log(2);
}

/// <summary>The mutual information at one lag.</summary>
/// <param name="Lag">Places between the two symbols; neighbours are 1 apart.</param>
/// <param name="Bits">Less the bias of few counts, so that it may be a little below 0.</param>
public readonly record struct LagPoint(int Lag, double Bits);

/// <summary>A straight line through the logarithms of information.</summary>
/// <param name="Slope">Of ln bits.</param>
/// <param name="Determination">R²: the share of the scatter that the line explains.</param>
public readonly record struct LogFit(double Slope, double Determination)
{
    internal static LogFit? Of(IReadOnlyList<LagPoint> points, Func<int, double> place)
    {
        if (points.Count < 4) return null;
        var at = points.Select(point => (X: place(point.Lag), Y: Math.Log(point.Bits))).ToArray();
        var (x, y) = (at.Average(p => p.X), at.Average(p => p.Y));
        var (xx, xy, yy) = (at.Sum(p => (p.X - x) * (p.X - x)), at.Sum(p => (p.X - x) * (p.Y - y)), at.Sum(p => (p.Y - y) * (p.Y - y)));
        return yy == 0 ? null : new(xy / xx, xy * xy / (xx * yy));
    }
}
