using System.Globalization;
using Stemma.Numerics.Autograd;

namespace Stemma.Reporting;

/// <summary>What a tape has recorded, drawn from top to bottom: operations, and the weights and constants they were given.</summary>
public sealed record GraphFigure : Figure
{
    private const double Edge = 16, Top = 62, BoxHeight = 36, RowHeight = 62;

    private readonly TapeGraph _graph;
    private readonly LayeredLayout _layout;

    private GraphFigure(TapeGraph graph)
    {
        _graph = graph;
        _layout = new([.. graph.Nodes.Select(node => Lines(node).Max(line => SvgWriter.WidthOf(line)) + 16)], [.. graph.Nodes.Select(node => node.Inputs)]);
    }

    /// <summary>A figure as large as the graph needs.</summary>
    /// <param name="graph">From <see cref="Tape.ToGraph"/>.</param>
    /// <param name="title">The heading.</param>
    public static GraphFigure Of(TapeGraph graph, string title)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var figure = new GraphFigure(graph) { Title = title };
        var width = Math.Max(figure._layout.Width, Math.Max(SvgWriter.WidthOf(title, 16), SvgWriter.WidthOf(figure.Subtitle)));
        return figure with { Width = (int)Math.Ceiling(width + 2 * Edge), Height = (int)Math.Ceiling(Top + figure._layout.RowCount * RowHeight + Edge) };
    }

    private string Subtitle => string.Create(
        CultureInfo.InvariantCulture, $"{_graph.Nodes.Count(node => node.IsOperation):N0} operations hold {_graph.SavedBytes:N0} bytes for their gradients. Blue: weights. Dashed: no gradient.");

    internal override void Draw(SvgWriter svg)
    {
        svg.Text(Edge, Edge + 15, Title, "title");
        svg.Text(Edge, Edge + 33, Subtitle, "soft");
        var edges = _layout.Edges.GetEnumerator();
        foreach (var node in _graph.Nodes)
        {
            foreach (var input in node.Inputs)
            {
                edges.MoveNext();
                DrawEdge(svg, edges.Current, _graph.Nodes[input].RequiresGradient ? "line thin ink7" : "line thin dashed ink7");
            }
        }
        foreach (var node in _graph.Nodes) DrawNode(svg, node);
    }

    private static string[] Lines(TapeGraphNode node) =>
        [node.Label, node.SavedBytes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{node.Shape} holds {node.SavedBytes:N0}") : node.Shape.ToString()];

    private static double Y(LayeredLayout.Place place) => Top + place.Row * RowHeight;

    private static void DrawEdge(SvgWriter svg, List<LayeredLayout.Place> route, string classes)
    {
        for (var i = 1; i < route.Count; i++)
        {
            var (from, to) = (route[i - 1], route[i]);
            svg.Curve(Edge + from.X, Y(from) + BoxHeight, Edge + to.X, Y(to), classes);
            // Past a row, beside its boxes.
            if (i < route.Count - 1) svg.Line(Edge + to.X, Y(to), Edge + to.X, Y(to) + BoxHeight, classes);
        }
    }

    private void DrawNode(SvgWriter svg, TapeGraphNode node)
    {
        var place = _layout[node.Id];
        var (x, y) = (Edge + place.X - place.Width / 2, Y(place));
        svg.Group(node.IsOperation ? "operation" : node.RequiresGradient ? "weight" : "constant", node.Label);
        svg.Rectangle(x, y, place.Width, BoxHeight, node.RequiresGradient ? "node" : "node dashed", 6);
        if (!node.IsOperation && node.RequiresGradient) svg.Rectangle(x, y, place.Width, BoxHeight, "area fill0", 6);
        var lines = Lines(node);
        svg.Text(Edge + place.X, y + 15, lines[0], "label", "middle");
        svg.Text(Edge + place.X, y + 30, lines[1], "soft", "middle");
        svg.End();
    }
}
