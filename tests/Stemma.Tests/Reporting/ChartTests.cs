using System.Globalization;
using System.Xml.Linq;
using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Reporting;

/// <summary>Figures are well-formed, put things where they belong, and say what they cannot draw.</summary>
public sealed class ChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private static Chart Lines(params Series[] series) => new() { Title = "t", X = new LinearAxis("x"), Y = new LinearAxis("y"), Series = series };

    private static XElement Parse(Figure figure) => XDocument.Parse(figure.ToSvg()).Root!;

    private static IEnumerable<XElement> All(XElement svg, string name) => svg.Descendants(s_svg + name);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    /// <summary>The left, top, right and bottom edges of what the axes span: the window without its rim of 4 pixels.</summary>
    private static (double Left, double Top, double Right, double Bottom) Window(XElement svg)
    {
        var window = All(svg, "svg").Single();
        var (x, y) = (Number(window, "x") + 4, Number(window, "y") + 4);
        return (x, y, x + Number(window, "width") - 8, y + Number(window, "height") - 8);
    }

    [Fact]
    public void Points_stand_where_their_numbers_say()
    {
        var svg = Parse(Lines(new PointSeries("p", [(0, 0), (10, 4), (5, 1)])));
        var (left, top, right, bottom) = Window(svg);
        var dots = All(All(svg, "svg").Single(), "circle").Select(dot => (Number(dot, "cx"), Number(dot, "cy"))).ToArray();
        Assert.Equal([(left, bottom), (right, top), ((left + right) / 2, bottom - (bottom - top) / 4)], dots, (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.02 && Math.Abs(a.Item2 - b.Item2) < 0.02);
    }

    [Fact]
    public void Equal_factors_are_equally_long_on_a_logarithmic_axis()
    {
        var svg = Parse(Lines(new PointSeries("p", [(1, 1), (10, 10), (100, 1000)])) with { X = new LogAxis("x"), Y = new LogAxis("y") });
        var (left, top, right, bottom) = Window(svg);
        var middle = All(All(svg, "svg").Single(), "circle").ElementAt(1);
        Assert.Equal((left + right) / 2, Number(middle, "cx"), 0.02);
        Assert.Equal(bottom - (bottom - top) / 3, Number(middle, "cy"), 0.02);
    }

    [Fact]
    public void A_line_breaks_where_a_value_is_missing()
    {
        var svg = Parse(Lines(new LineSeries("l", [(0, 1), (1, 2), (2, double.NaN), (3, 1), (4, 2)])));
        var path = All(svg, "path").Single().Attribute("d")!.Value;
        Assert.Equal(2, path.Count(c => c == 'M'));
        Assert.Equal(2, path.Count(c => c == 'L'));
    }

    [Fact]
    public void Intervals_become_bands_and_error_bars()
    {
        ChartPoint[] points = [new(0, 1, 0, 2), new(1, 2, 1, 3)];
        var band = All(Parse(Lines(new LineSeries("l", points))), "path").First();
        Assert.Contains("area", band.Attribute("class")!.Value, StringComparison.Ordinal);
        Assert.EndsWith("Z", band.Attribute("d")!.Value, StringComparison.Ordinal);
        Assert.Equal(6, All(All(Parse(Lines(new PointSeries("p", points))), "svg").Single(), "line").Count());
    }

    [Fact]
    public void Bars_stand_on_zero_beside_each_other()
    {
        var svg = Parse(new Chart { Title = "t", X = new CategoryAxis("", ["a", "b"]), Y = new LinearAxis("y"), Series = [new BarSeries("one", [(0, 2), (1, 4)]), new BarSeries("two", [(0, 1), (1, 3)])] });
        var (_, top, _, bottom) = Window(svg);
        var bars = All(All(svg, "svg").Single(), "rect").ToArray();
        Assert.All(bars, bar => Assert.Equal(bottom, Number(bar, "y") + Number(bar, "height"), 0.02));
        Assert.Equal([2, 4, 1, 3], bars.Select(bar => Math.Round(Number(bar, "height") / (bottom - top) * 4, 3)));
        Assert.True(Number(bars[0], "x") < Number(bars[2], "x") && Number(bars[2], "x") < Number(bars[1], "x"));
    }

    [Fact]
    public void A_range_is_cut_at_the_ends_of_the_axis()
    {
        var svg = Parse(Lines(new RangeSeries("r", 5, double.PositiveInfinity), new LineSeries("l", [(0, 0), (10, 1)])));
        var (left, _, right, _) = Window(svg);
        var range = All(All(svg, "svg").Single(), "rect").Single();
        Assert.Equal((left + right) / 2, Number(range, "x"), 0.02);
        Assert.Equal(right, Number(range, "x") + Number(range, "width"), 0.02);
    }

    [Fact]
    public void An_unnamed_series_is_not_in_the_legend_and_looks_like_the_one_before()
    {
        var svg = Parse(Lines(new LineSeries("a", [(0, 1), (1, 1)]), new LineSeries("b", [(0, 2), (1, 2)]), new LineSeries("", [(0, 3), (1, 3)]), new LineSeries("c", [(0, 4), (1, 4)])));
        Assert.Equal(["a", "b", "c"], All(svg, "text").Where(text => text.Attribute("class")!.Value == "key").Select(text => text.Value));
        Assert.Equal(["line ink0", "line ink1", "line ink1", "line ink2"], All(svg, "path").Select(path => path.Attribute("class")!.Value));
    }

    [Fact]
    public void Labels_stand_beside_their_points_and_cover_nothing()
    {
        ChartPoint[] points = [(0, 0), (0.1, 0), (0.2, 0), (0.3, 0.01), (10, 1)];
        var labels = points.Select((_, i) => $"a label of point {i}").ToArray();
        var svg = Parse(Lines(new PointSeries("p", points) { Labels = labels }));
        var texts = All(svg, "text").Where(text => text.Attribute("class")!.Value == "soft small").ToArray();
        Assert.Equal(labels, texts.Select(text => text.Value).Order());
        const double LetterWidth = 6.6;
        var boxes = texts.Select(text => (X: Number(text, "x") - (text.Attribute("text-anchor")?.Value == "end" ? text.Value.Length * LetterWidth : 0), Y: Number(text, "y"), Width: text.Value.Length * LetterWidth)).ToArray();
        var (left, _, right, _) = Window(svg);
        Assert.All(boxes, box => Assert.True(box.X >= left && box.X + box.Width <= right));
        for (var i = 0; i < boxes.Length; i++)
            for (var j = 0; j < i; j++)
                Assert.False(Math.Abs(boxes[i].Y - boxes[j].Y) < 11 && boxes[i].X < boxes[j].X + boxes[j].Width && boxes[j].X < boxes[i].X + boxes[i].Width);
        Assert.Throws<ArgumentException>(Lines(new PointSeries("p", points) { Labels = ["one"] }).ToSvg);
    }

    [Fact]
    public void Names_are_escaped()
    {
        const string Name = "a < b & \"c\" ]]> \u0001 \ud800";
        var svg = Parse(Lines(new LineSeries(Name, [(0, 1)])) with { Title = Name, Subtitle = Name, X = new LinearAxis(Name) });
        Assert.Equal("a < b & \"c\" ]]> \ufffd \ufffd", svg.Element(s_svg + "title")!.Value);
        Assert.Contains(All(svg, "text"), text => text.Value.StartsWith("a < b & \"c\" ]]>", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_to_draw_is_said()
    {
        var svg = Parse(Lines(new LineSeries("none", [])));
        Assert.Contains(All(svg, "text"), text => text.Value == "no data");
        Assert.Contains(All(svg, "text"), text => text.Value == "none");
        Assert.DoesNotContain(All(Parse(Lines(new LineSeries("one", [(1, 1)]))), "text"), text => text.Value == "no data");
    }

    [Fact]
    public void A_logarithmic_axis_refuses_zero_and_says_where_it_is()
    {
        var chart = Lines(new LineSeries("losses", [(1, 1), (2, 0)])) with { Y = new LogAxis("loss") };
        var error = Assert.Throws<ArgumentException>(chart.ToSvg);
        Assert.Contains("\"loss\" is logarithmic and cannot show 0 (series \"losses\", point 1)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => (chart with { X = new LogAxis("x") { Minimum = -1 }, Series = [] }).ToSvg());
    }

    [Fact]
    public void What_has_no_room_is_refused()
    {
        Assert.Throws<ArgumentException>(() => (Lines() with { Width = 100 }).ToSvg());
        Assert.Throws<ArgumentException>(() => (Lines(new LineSeries("l", [(0, 1)])) with { Height = 90 }).ToSvg());
        Assert.Throws<ArgumentException>(() => (Lines() with { X = new LinearAxis("x") { Minimum = 2, Maximum = 1 } }).ToSvg());
    }

    [Fact]
    public void The_same_data_gives_the_same_bytes_in_every_culture()
    {
        var chart = Lines(new LineSeries("l", [(0.5, -1.25), (1234.5, 0.1)]));
        var before = CultureInfo.CurrentCulture;
        var expected = chart.ToSvg();
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" } };
            Assert.Equal(expected, chart.ToSvg());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.DoesNotContain('\r', expected);
        Assert.Contains("prefers-color-scheme: dark", expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 3400, 8, "0|500|1000|1500|2000|2500|3000|3500")]
    [InlineData(-1, 1, 5, "−1.0|−0.5|0.0|0.5|1.0")]
    [InlineData(0, 0.00002, 4, "0|5×10⁻⁶|10⁻⁵|1.5×10⁻⁵|2×10⁻⁵")]
    [InlineData(0, 4e9, 4, "0|10⁹|2×10⁹|3×10⁹|4×10⁹")]
    public void Linear_marks_are_round(double low, double high, int count, string expected) =>
        Assert.Equal(expected, string.Join('|', new LinearAxis("x").Fit(low, high, count).Ticks.Select(tick => tick.Label)));

    [Theory]
    [InlineData(1, 100, 8, "1|2|5|10|20|50|100")]
    [InlineData(0.0001, 1, 5, "0.0001|0.001|0.01|0.1|1")]
    [InlineData(1e-7, 10, 5, "10⁻⁷|10⁻⁵|10⁻³|10⁻¹|10")]
    [InlineData(3e-6, 7e-5, 8, "2×10⁻⁶|5×10⁻⁶|10⁻⁵|2×10⁻⁵|5×10⁻⁵|10⁻⁴")]
    [InlineData(3, 3, 8, "2|5")]
    public void Logarithmic_marks_are_round(double low, double high, int count, string expected) =>
        Assert.Equal(expected, string.Join('|', new LogAxis("x").Fit(low, high, count).Ticks.Select(tick => tick.Label)));
}
