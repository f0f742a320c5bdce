using System.Globalization;
using System.Xml;

namespace Stemma.Reporting;

/// <summary>Shapes and text as SVG elements; numbers with two decimals, text escaped. Coordinates are pixels from the top left.</summary>
internal sealed class SvgWriter : IDisposable
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    private readonly XmlWriter _xml;

    public SvgWriter(TextWriter text, string title, int width, int height)
    {
        if (width < 120 || height < 80) throw new ArgumentException($"A figure of {width} × {height} pixels is too small; 120 × 80 is the least.");
        _xml = XmlWriter.Create(text, new() { Indent = true, IndentChars = " ", NewLineChars = "\n", OmitXmlDeclaration = true, CloseOutput = false });
        _xml.WriteStartElement("svg", Namespace);
        Attributes(("class", "stemma-figure"), ("role", "img"), ("viewBox", $"0 0 {width} {height}"), ("width", $"{width}"), ("height", $"{height}"));
        _xml.WriteElementString("title", Namespace, Clean(title));
        _xml.WriteElementString("style", Namespace, Palette.Style);
        Rectangle(0, 0, width, height, "paper");
    }

    /// <summary>Opens a group, closed by <see cref="End"/>.</summary>
    public void Group(string classes, string? title = null)
    {
        Start("g", ("class", classes));
        if (!string.IsNullOrEmpty(title)) _xml.WriteElementString("title", Namespace, Clean(title));
    }

    /// <summary>Opens a window: what is drawn into it keeps its coordinates and is cut off at its edges. Closed by <see cref="End"/>.</summary>
    public void Window(double x, double y, double width, double height) => Start(
        "svg", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)),
        ("viewBox", $"{Number(x)} {Number(y)} {Number(width)} {Number(height)}"));

    public void End() => _xml.WriteEndElement();

    public void Line(double x1, double y1, double x2, double y2, string classes) =>
        Empty("line", ("class", classes), ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)));

    public void Rectangle(double x, double y, double width, double height, string classes, double radius = 0, double opacity = 1) => Empty(
        "rect", ("class", classes), ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)),
        ("rx", radius > 0 ? Number(radius) : null), ("fill-opacity", opacity < 1 ? Number(opacity) : null));

    public void Circle(double x, double y, double radius, string classes) =>
        Empty("circle", ("class", classes), ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius)));

    /// <summary>A path of straight pieces, one per run of points; a run of one point is a dot.</summary>
    public void Path(IEnumerable<IReadOnlyList<(double X, double Y)>> runs, string classes, bool closed = false)
    {
        var data = string.Join(' ', runs.Where(run => run.Count > 0).Select(run => "M" + string.Join('L', run.Select(p => $"{Number(p.X)} {Number(p.Y)}")) + (closed ? "Z" : run.Count == 1 ? "h0" : "")));
        if (data.Length > 0) Empty("path", ("class", classes), ("d", data));
    }

    /// <summary>A cubic curve that leaves and arrives vertically.</summary>
    public void Curve(double x1, double y1, double x2, double y2, string classes)
    {
        var middle = Number((y1 + y2) / 2);
        Empty("path", ("class", classes), ("d", $"M{Number(x1)} {Number(y1)}C{Number(x1)} {middle} {Number(x2)} {middle} {Number(x2)} {Number(y2)}"));
    }

    /// <param name="x">Where the anchor is.</param>
    /// <param name="y">The baseline.</param>
    /// <param name="text">One line.</param>
    /// <param name="classes">Classes of <see cref="Palette.Style"/>.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="degrees">Clockwise, about the anchor.</param>
    public void Text(double x, double y, string text, string classes, string anchor = "start", double degrees = 0)
    {
        Start("text", ("class", classes), ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor == "start" ? null : anchor),
            ("transform", degrees != 0 ? $"rotate({Number(degrees)} {Number(x)} {Number(y)})" : null));
        _xml.WriteString(Clean(text));
        End();
    }

    public void Dispose()
    {
        _xml.WriteEndElement();
        _xml.Dispose();
    }

    /// <summary>The width that a text will need at most, in pixels; there is no font to measure.</summary>
    public static double WidthOf(string text, double size = 12) => 0.6 * size * text.Length;

    /// <summary>A text cut at spaces into lines of at most <paramref name="width"/> pixels, where its words allow.</summary>
    public static List<string> Wrap(string text, double width, double size)
    {
        List<string> lines = [];
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && WidthOf($"{lines[^1]} {word}", size) <= width) lines[^1] += $" {word}";
            else lines.Add(word);
        }
        return lines;
    }

    public static string Number(double value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);

    private void Empty(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes);
        End();
    }

    private void Start(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _xml.WriteStartElement(name, Namespace);
        Attributes(attributes);
    }

    private void Attributes(params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        foreach (var (name, value) in attributes)
            if (value is not null) _xml.WriteAttributeString(name, value);
    }

    // XML has no place for control characters and halves of surrogate pairs, escaped or not.
    private static string Clean(string text)
    {
        var clean = new System.Text.StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is < 0x20 or 0x7F or 0xFFFE or 0xFFFF) clean.Append('\uFFFD');
            else clean.Append(rune);
        }
        return clean.ToString();
    }
}
