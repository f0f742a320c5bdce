using Stemma.Lineage;
using Stemma.Reporting;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Lineage;

public sealed class LineageChartsTests
{
    private static readonly DataSummary s_data = new("a text", 10, 10_000, 2_000, 200, 1_000);

    [Fact]
    public void The_best_of_its_time_only_falls_and_follows_the_years_not_the_order_of_the_rungs()
    {
        var chart = new LineageCharts(s_data, [Row("unigram", 4, 0), Row("neural-ngram", 2.5, 1e9), Row("lstm", 3, 1e9), Row("kneser-ney", 2, 0)]).ByYear();
        var best = Assert.IsType<LineSeries>(chart.Series[0]);
        // 1948 unigram, 1995 Kneser–Ney; the LSTM of 1997 and the neural n-gram of 2003 are no better.
        Assert.Equal([(1948, 4), (1995, 4), (1995, 2), (2003, 2)], best.Points.Select(point => (point.X, point.Y)));
        Assert.Equal(4, chart.Series.OfType<PointSeries>().Sum(series => series.Points.Count));
    }

    [Fact]
    public void A_curve_over_operations_ends_where_the_training_did_beside_the_best_model_of_counts()
    {
        var charts = new LineageCharts(s_data, [Row("uniform", 8, 0), Row("unigram", 4, 0), Row("kneser-ney", 2, 0), Row("gpt2", 1.5, 6e9)]);
        Assert.Equal(["rungs", "years", "seconds", "operations"], charts.All().Select(figure => figure.Name));
        var series = charts.ByCompute().Series;
        Assert.All(series[0].Points, point => Assert.Equal(2, point.Y));
        Assert.Equal([(3e9, 2.5), (6e9, 1.5)], series[1].Points.Select(point => (point.X, point.Y)));
        Assert.Contains("<svg", charts.ByCompute().ToSvg(), StringComparison.Ordinal);
    }

    private static (Rung, RungResult) Row(string name, double bits, double flops) => (Rungs.All.Single(rung => rung.Name == name), new()
    {
        Name = name,
        BitsPerByte = bits,
        Low = bits - 0.1,
        High = bits + 0.1,
        Parameters = 1,
        Steps = 1,
        TrainedTokens = 2_000,
        TokensPerSecond = 100,
        Flops = flops,
        Seconds = 20,
        PeakBytes = 1,
        Abilities = new(0, 0, 0, 0, 0),
        Sample = "",
        Curve = flops > 0 ? [new(1_000, bits + 1), new(2_000, bits)] : [],
        Blocks = [],
    });
}
