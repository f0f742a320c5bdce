using System.Globalization;
using Stemma.Reporting;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>A lineage's figures: bits per byte by rung, over the years, and over what it cost.</summary>
/// <param name="data">What the rungs learned from.</param>
/// <param name="rows">The rungs in their order, and what came of them.</param>
public sealed class LineageCharts(DataSummary data, IReadOnlyList<(Rung Rung, RungResult Result)> rows)
{
    private readonly (Rung Rung, RungResult Result)[] _finite = [.. rows.Where(row => row.Result.BitsPerByte is not null && row.Rung is not UniformRung)];

    /// <summary>All that there is something to draw for, each with a short name.</summary>
    public IEnumerable<(string Name, Chart Chart)> All()
    {
        yield return ("rungs", ByRung());
        if (_finite.Length == 0) yield break;
        yield return ("years", ByYear());
        yield return ("seconds", BySeconds());
        if (_finite.Any(row => row.Result is { Flops: > 0, Curve.Count: > 1 })) yield return ("operations", ByCompute());
    }

    /// <summary>Bits per byte by rung.</summary>
    public Chart ByRung() => new()
    {
        Title = "Bits per byte of the same held-out text",
        Subtitle = $"{data.Name}: {data.ValidationBytes.ToString("N0", CultureInfo.InvariantCulture)} bytes held out; whiskers: 95 % of resampled blocks. Less is better.",
        X = new CategoryAxis("", [.. rows.Select(row => $"{row.Rung.Title} ({row.Rung.Year})")]),
        Y = new LinearAxis("bits per byte") { Minimum = 0 },
        Width = Math.Max(720, 90 * rows.Count),
        Height = 480,
        Series =
        [
            new BarSeries("models of counts", Bars(row => row.Rung is not TrainedRung)),
            new BarSeries("models that are trained", Bars(row => row.Rung is TrainedRung)),
        ],
    };

    /// <summary>Bits per byte over the years of the papers, and the best that was known by each.</summary>
    public Chart ByYear()
    {
        var byYear = _finite.OrderBy(row => row.Rung.Year).ThenByDescending(row => row.Result.BitsPerByte).ToArray();
        // A staircase: a year's best holds until something is better.
        var best = new List<ChartPoint>();
        foreach (var (rung, result) in byYear)
        {
            var bits = result.BitsPerByte!.Value;
            if (best.Count > 0 && bits >= best[^1].Y) continue;
            if (best.Count > 0) best.Add(new(rung.Year, best[^1].Y));
            best.Add(new(rung.Year, bits));
        }
        if (best.Count > 0) best.Add(new(byYear[^1].Rung.Year, best[^1].Y));
        return new()
        {
            Title = "The years",
            Subtitle = "Each model at the year of its paper, all on this text and this machine. Dashed: the best of its time.",
            X = new LinearAxis("year"),
            Y = new LinearAxis("bits per byte"),
            Width = 900,
            Height = 460,
            Series =
            [
                new LineSeries("the best so far", best) { IsDashed = true },
                Labelled("models of counts", byYear.Where(row => row.Rung is not TrainedRung), row => row.Rung.Year),
                Labelled("models that are trained", byYear.Where(row => row.Rung is TrainedRung), row => row.Rung.Year),
            ],
        };
    }

    /// <summary>Bits per byte over the seconds it took.</summary>
    public Chart BySeconds() => new()
    {
        Title = "What a second buys",
        Subtitle = "Lines: while training, on the first part of the held-out text. Dots: the whole of it.",
        X = new LogAxis("seconds on this machine"),
        Y = new LinearAxis("bits per byte"),
        Width = 900,
        Height = 460,
        Series =
        [
            .. Curves((result, point) => point.Tokens / result.TokensPerSecond),
            Labelled("", _finite.Where(row => row.Result.Seconds > 0), row => row.Result.Seconds),
        ],
    };

    /// <summary>Bits per byte over the floating-point operations of the training, beside the best model that needs none.</summary>
    public Chart ByCompute()
    {
        var trained = _finite.Where(row => row.Result is { Flops: > 0, Curve.Count: > 1 }).ToArray();
        var counted = _finite.Where(row => row.Rung is CountedRung).OrderBy(row => row.Result.BitsPerByte).FirstOrDefault();
        IEnumerable<Series> reference = counted.Rung is null ? [] :
        [
            new LineSeries(counted.Rung.Title, [
                new(trained.Min(row => Operations(row.Result, row.Result.Curve[0])), counted.Result.BitsPerByte!.Value),
                new(trained.Max(row => row.Result.Flops), counted.Result.BitsPerByte!.Value)]) { IsDashed = true },
        ];
        return new()
        {
            Title = "What an operation buys",
            Subtitle = "While training, on the first part of the held-out text. Dashed: the best model of counts, on the whole of it.",
            X = new LogAxis("floating-point operations of the training"),
            Y = new LinearAxis("bits per byte"),
            Width = 900,
            Height = 460,
            Series = [.. reference, .. Curves(Operations)],
        };
    }

    private static double Operations(RungResult result, CurvePoint point) => result.Flops * point.Tokens / result.TrainedTokens;

    private IEnumerable<Series> Curves(Func<RungResult, CurvePoint, double> cost) =>
        rows.Where(row => row.Result.Curve.Count > 1).Select(row => new LineSeries(row.Rung.Title, [.. row.Result.Curve.Select(point => new ChartPoint(cost(row.Result, point), point.BitsPerByte))]));

    private static PointSeries Labelled(string name, IEnumerable<(Rung Rung, RungResult Result)> some, Func<(Rung Rung, RungResult Result), double> x)
    {
        var all = some.ToArray();
        return new(name, [.. all.Select(row => new ChartPoint(x(row), row.Result.BitsPerByte!.Value, row.Result.Low, row.Result.High))]) { Labels = [.. all.Select(row => row.Rung.Title)] };
    }

    // Those without a number leave a gap.
    private ChartPoint[] Bars(Func<(Rung Rung, RungResult Result), bool> which) =>
        [.. rows.Index().Where(row => which(row.Item) && row.Item.Result.BitsPerByte is not null).Select(row => new ChartPoint(row.Index, row.Item.Result.BitsPerByte!.Value, row.Item.Result.Low, row.Item.Result.High))];
}
