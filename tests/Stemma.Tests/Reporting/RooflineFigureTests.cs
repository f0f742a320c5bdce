using System.Xml.Linq;
using Stemma.Numerics;
using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Reporting;

public sealed class RooflineFigureTests
{
    private static readonly Roofline s_roofline = new(
        new(2, [], "kernel", PeakFlops: 200e9, BFloat16PeakFlops: 400e9, MatMulFlops: 150e9, BFloat16MatMulFlops: 300e9, ReadBandwidth: 30e9, UpdateBandwidth: 40e9),
        [new("matmul", "8x8x8 NN", ComputePrecision.Float32, 1e9, 1e7, 0.01), new("softmax", "[8, 8]", ComputePrecision.Float32, 4e6, 8e6, 1e-3), new("matmul", "8x8x8 NT", ComputePrecision.BFloat16, 1e9, 1e7, 0.005)]);

    [Theory]
    [InlineData(1, ComputePrecision.Float32, 40e9)]
    [InlineData(5, ComputePrecision.Float32, 200e9)]
    [InlineData(100, ComputePrecision.Float32, 200e9)]
    [InlineData(7, ComputePrecision.BFloat16, 280e9)]
    [InlineData(100, ComputePrecision.BFloat16, 400e9)]
    public void The_roof_is_the_lower_of_memory_and_arithmetic(double intensity, ComputePrecision precision, double flops) =>
        Assert.Equal(flops, s_roofline.Attainable(intensity, precision));

    [Fact]
    public void An_operation_stands_at_its_intensity_and_speed()
    {
        var chart = RooflineFigure.Of(s_roofline);
        var points = chart.Series.OfType<PointSeries>().SelectMany(series => series.Points.Zip(series.Labels)).ToArray();
        Assert.Equal([(100, 100, "8x8x8 NN"), (0.5, 4, "softmax"), (100, 200, "8x8x8 NT")], points.Select(point => (point.First.X, point.First.Y, point.Second)));
        var bend = chart.Series.OfType<LineSeries>().First().Points[1];
        Assert.Equal((5, 200), (bend.X, bend.Y));
        Assert.Contains("bfloat16 roof, 400 GFLOP/s", XDocument.Parse(chart.ToSvg()).Root!.Value, StringComparison.Ordinal);
        var without = RooflineFigure.Of(s_roofline with { Machine = s_roofline.Machine with { BFloat16PeakFlops = 200e9 } });
        Assert.Single(without.Series.OfType<LineSeries>());
    }

    [Fact]
    public void A_floor_is_the_longer_of_arithmetic_and_memory()
    {
        Assert.Equal(0.5, s_roofline.Machine.Floor(100e9, 1e9, ComputePrecision.Float32), 1e-9);
        Assert.Equal(0.25, s_roofline.Machine.Floor(100e9, 1e9, ComputePrecision.BFloat16), 1e-9);
        Assert.Equal(1, s_roofline.Machine.Floor(100e9, 40e9, ComputePrecision.BFloat16), 1e-9);
        var better = s_roofline.Machine.BestOf(s_roofline.Machine with { UpdateBandwidth = 50e9, PeakFlops = 100e9 });
        Assert.Equal((50e9, 200e9), (better.MemoryBandwidth, better.PeakFlops));
    }
}
