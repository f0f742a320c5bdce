using System.Xml.Linq;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Reporting;
using Xunit;

namespace Stemma.Tests.Reporting;

public sealed class GraphFigureTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Every_node_has_a_box_of_its_own_below_its_inputs()
    {
        using var tape = Tape.Start();
        Tensor w = Tensor.Zeros([3, 3]).WithGradient(), x = Tensor.Zeros([3, 3]);
        var y = x;
        for (var i = 0; i < 4; i++) y = (y.MatMul(w) + y.Tanh()) * w;   // long edges, shared weights
        y.Sum();
        var graph = tape.ToGraph();
        var root = XDocument.Parse(GraphFigure.Of(graph, "a <graph>").ToSvg()).Root!;
        var boxes = root.Elements(s_svg + "g").Select(group => group.Element(s_svg + "rect")!).Select(box => (X: Number(box, "x"), Y: Number(box, "y"), W: Number(box, "width"), H: Number(box, "height"))).ToArray();
        Assert.Equal(graph.Nodes.Count, boxes.Length);
        Assert.All(graph.Nodes, node => Assert.All(node.Inputs, input => Assert.True(boxes[input].Y < boxes[node.Id].Y)));
        for (var i = 0; i < boxes.Length; i++)
            for (var j = 0; j < i; j++)
                Assert.False(Math.Abs(boxes[i].Y - boxes[j].Y) < boxes[i].H && boxes[i].X < boxes[j].X + boxes[j].W && boxes[j].X < boxes[i].X + boxes[i].W);
        var (width, height) = (Number(root, "width"), Number(root, "height"));
        Assert.All(boxes, box => Assert.True(box.X >= 0 && box.X + box.W <= width && box.Y + box.H <= height));
        Assert.Equal("a <graph>", root.Element(s_svg + "title")!.Value);
    }

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, System.Globalization.CultureInfo.InvariantCulture);
}
