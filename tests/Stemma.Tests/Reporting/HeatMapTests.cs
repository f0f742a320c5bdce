using System.Xml.Linq;
using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Reporting;

public sealed class HeatMapTests
{
    [Fact]
    public void Every_weight_is_a_square_with_its_value()
    {
        var map = HeatMap.OfAlignment("Looks <here>", ["a", " ", "⏎"], ["x", "y"], [[0.25f, 0.75f], [0, 1], [1, 0]]);
        var svg = XDocument.Parse(map.ToSvg());
        XNamespace ns = "http://www.w3.org/2000/svg";
        var cells = svg.Descendants(ns + "g").Select(g => g.Element(ns + "title")!.Value).ToArray();
        Assert.Equal(["a · x: 0.25", "a · y: 0.75", "␣ · x: 0", "␣ · y: 1", "⏎ · x: 1", "⏎ · y: 0"], cells);
        Assert.Equal(["0.25", "0.75", null, null], svg.Descendants(ns + "rect").Where(r => (string?)r.Attribute("class") == "fill0").Select(r => (string?)r.Attribute("fill-opacity")));
        Assert.Equal(map.ToSvg(), map.ToSvg());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => HeatMap.Of("t", ["a"], ["x", "y"], [[1.0]]).ToSvg());
        Assert.Throws<ArgumentException>(() => HeatMap.Of("t", ["a"], ["x"], [[double.NaN]]).ToSvg());
    }
}
