using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Reporting;

public sealed class ContourTests
{
    private static readonly double[] s_axis = [.. Enumerable.Range(0, 41).Select(i => -2 + 0.1 * i)];

    [Fact]
    public void Every_point_of_a_contour_has_the_level()
    {
        var line = Contour.Of(s_axis, s_axis, Grid((x, y) => x * x + y * y), 1.5);
        var points = line.Where(point => double.IsFinite(point.X)).ToArray();
        Assert.InRange(points.Length, 100, 600);
        Assert.All(points, point => Assert.Equal(1.5, point.X * point.X + point.Y * point.Y, 0.01));
        // A circle is whole: its pieces together are as long as its circumference.
        var length = 0.0;
        for (var i = 0; i + 1 < line.Count; i += 3) length += Math.Sqrt(Math.Pow(line[i].X - line[i + 1].X, 2) + Math.Pow(line[i].Y - line[i + 1].Y, 2));
        Assert.Equal(2 * Math.PI * Math.Sqrt(1.5), length, 0.02);
    }

    [Fact]
    public void Of_a_plane_it_is_exact()
    {
        var line = Contour.Of(s_axis, s_axis, Grid((x, y) => x - 2 * y), 0.55);
        Assert.All(line.Where(point => double.IsFinite(point.X)), point => Assert.Equal(0.55, point.X - 2 * point.Y, 1e-12));
    }

    [Fact]
    public void Where_there_is_no_value_or_no_crossing_there_is_no_line()
    {
        Assert.Empty(Contour.Of(s_axis, s_axis, Grid((_, _) => 1), 1));
        Assert.Empty(Contour.Of(s_axis, s_axis, Grid((x, _) => x < 0 ? 0 : double.NaN), 0.5));
        Assert.Throws<ArgumentException>(() => Contour.Of([0, 1], s_axis, Grid((x, _) => x), 0));
    }

    private static double[,] Grid(Func<double, double, double> f)
    {
        var values = new double[s_axis.Length, s_axis.Length];
        for (var row = 0; row < s_axis.Length; row++)
            for (var column = 0; column < s_axis.Length; column++) values[row, column] = f(s_axis[column], s_axis[row]);
        return values;
    }
}
