namespace Stemma.Reporting;

/// <summary>Words beside dots: each where it covers neither a dot nor another word, the nearest such place first.</summary>
internal sealed class PointLabels(double left, double top, double right, double bottom)
{
    private const double Size = 11, Gap = 6, Dot = 4;

    private readonly List<(double Left, double Top, double Right, double Bottom)> _taken = [];

    public void Draw(SvgWriter svg, IEnumerable<(double X, double Y, string Text)> labels)
    {
        var all = labels.Where(label => label.X >= left && label.X <= right && label.Y >= top && label.Y <= bottom).OrderBy(label => label.Y).ToArray();
        foreach (var (x, y, _) in all) _taken.Add((x - Dot, y - Dot, x + Dot, y + Dot));
        foreach (var (x, y, text) in all)
        {
            var width = SvgWriter.WidthOf(text, Size);
            var (place, baseline) = Places(x, y, width).OrderBy(place => Overlap(place.Left, place.Baseline, width)).First();
            _taken.Add(Box(place, baseline, width));
            var isLeft = place + width < x;
            svg.Text(isLeft ? x - Gap : place, baseline, text, "soft small", isLeft ? "end" : "start");
        }
    }

    /// <summary>To the right, to the left, above and below, and further and further up and down.</summary>
    private static IEnumerable<(double Left, double Baseline)> Places(double x, double y, double width)
    {
        for (var shift = 0; shift < 5; shift++)
        {
            foreach (var sign in shift == 0 ? (double[])[0] : [-1, 1])
            {
                var baseline = y + 4 + sign * shift * (Size / 2 + 1);
                yield return (x + Gap, baseline);
                yield return (x - Gap - width, baseline);
                if (shift >= 2) yield return (x - width / 2, baseline);
            }
        }
    }

    /// <summary>How much of a word at a place would be covered or cut off, in square pixels.</summary>
    private double Overlap(double x, double baseline, double width)
    {
        var box = Box(x, baseline, width);
        var area = _taken.Sum(other => Math.Max(0, Math.Min(box.Right, other.Right) - Math.Max(box.Left, other.Left)) * Math.Max(0, Math.Min(box.Bottom, other.Bottom) - Math.Max(box.Top, other.Top)));
        var cut = Math.Max(0, left - box.Left) + Math.Max(0, box.Right - right) + Math.Max(0, top - box.Top) + Math.Max(0, box.Bottom - bottom);
        return area + cut * Size;
    }

    private static (double Left, double Top, double Right, double Bottom) Box(double x, double baseline, double width) => (x, baseline - Size + 2, x + width, baseline + 2);
}
