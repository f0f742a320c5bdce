namespace Stemma.Reporting;

/// <summary>Lays a chart out and draws it: heading, legend, axes with their marks, then the series.</summary>
internal sealed class ChartDrawing
{
    private const double Edge = 16, Line = 16, TitleLine = 21, BarShare = 0.8, Rim = 4;

    private readonly Chart _chart;
    private readonly SvgWriter _svg;
    private readonly Scale _x, _y;
    private readonly List<string> _title, _subtitle;
    private readonly List<List<(int Series, double X)>> _legend = [];
    private readonly double _left, _top, _right, _bottom;
    private readonly List<string>[] _names;
    private readonly bool _slanted;
    private readonly int[] _colours;

    public ChartDrawing(Chart chart, SvgWriter svg)
    {
        (_chart, _svg) = (chart, svg);
        Check();
        // An unnamed series looks like the one before it.
        _colours = new int[chart.Series.Count];
        for (var i = 1; i < _colours.Length; i++) _colours[i] = _colours[i - 1] + (chart.Series[i].Name.Length > 0 ? 1 : 0);
        var width = chart.Width - 2 * Edge;
        (_title, _subtitle) = (SvgWriter.Wrap(chart.Title, width, 16), SvgWriter.Wrap(chart.Subtitle, width, 12));
        LayOutLegend(width);
        _top = Edge + _title.Count * TitleLine + _subtitle.Count * Line + _legend.Count * (Line + 2) + 16;

        // The number of marks depends on the room, and the room on the width of the marks: upwards first.
        var room = chart.Height - _top - 60;
        _y = chart.Y.Fit(Least(Ys), Greatest(Ys), (int)Math.Clamp(room / 45, 2, 8));
        _left = Edge + (chart.Y.Label.Length > 0 ? 22 : 0) + _y.Ticks.Select(tick => SvgWriter.WidthOf(tick.Label)).DefaultIfEmpty(0).Max() + 6;
        _right = chart.Width - Edge - 8;
        for (var count = 10; ; count--)
        {
            _x = chart.X.Fit(Least(Xs), Greatest(Xs), count);
            if (count == 2 || Fits(_x)) break;
        }
        var slot = (_right - _left) / Math.Max(1, _x.Ticks.Count) - 10;
        _names = [.. _x.Ticks.Select(tick => chart.X is CategoryAxis ? SvgWriter.Wrap(tick.Label, slot, 12) : [tick.Label])];
        _slanted = chart.X is CategoryAxis && _names.Any(lines => lines.Count > 3 || lines.Any(line => SvgWriter.WidthOf(line) > slot));
        var below = _slanted ? 0.6 * _x.Ticks.Max(tick => SvgWriter.WidthOf(tick.Label)) + 12 : 4 + Line * _names.Select(lines => lines.Count).DefaultIfEmpty(1).Max();
        _bottom = chart.Height - Edge - (chart.X.Label.Length > 0 ? 20 : 0) - below;
        if (_bottom - _top < 20 || _right - _left < 40) throw new ArgumentException($"\"{chart.Title}\" has no room at {chart.Width} × {chart.Height} pixels; make it larger.");
    }

    private IEnumerable<ChartPoint> Points => _chart.Series.SelectMany(series => series.Points).Where(point => point.IsFinite);

    private IEnumerable<double> Xs
    {
        get
        {
            foreach (var point in Points) yield return point.X;
            foreach (var rule in _chart.Series.OfType<RuleSeries>()) yield return rule.At;
            var half = BarSlot() / 2;
            foreach (var x in Bars.SelectMany(bar => bar.Points).Where(point => point.IsFinite && _chart.X is LinearAxis).Select(point => point.X))
            {
                yield return x - half;
                yield return x + half;
            }
        }
    }

    private IEnumerable<double> Ys
    {
        get
        {
            foreach (var point in Points)
            {
                yield return point.Y;
                if (!point.HasInterval) continue;
                yield return point.Low!.Value;
                yield return point.High!.Value;
            }
            if (_chart.Y is LinearAxis && Bars.Any(bar => bar.Points.Count > 0)) yield return 0;
        }
    }

    private BarSeries[] Bars => [.. _chart.Series.OfType<BarSeries>()];

    public void Draw()
    {
        DrawHeading();
        DrawAxes();
        // Dots that stand on an edge are whole.
        _svg.Window(_left - Rim, _top - Rim, _right - _left + 2 * Rim, _bottom - _top + 2 * Rim);
        for (var i = 0; i < _chart.Series.Count; i++)
        {
            _svg.Group("series", _chart.Series[i].Name);
            DrawSeries(_chart.Series[i], i);
            _svg.End();
        }
        _svg.End();
        new PointLabels(_left, _top, _right, _bottom).Draw(_svg, _chart.Series.OfType<PointSeries>().SelectMany(series => series.Points.Zip(series.Labels))
            .Where(pair => pair.First.IsFinite).Select(pair => (X(pair.First.X), Y(pair.First.Y), pair.Second)));
        if (!Points.Any()) _svg.Text((_left + _right) / 2, (_top + _bottom) / 2, "no data", "soft", "middle");
    }

    private void Check()
    {
        if (_chart.X is LogAxis && Bars.Length > 0) throw new ArgumentException($"\"{_chart.Title}\" draws bars over a logarithmic X axis; bars need a CategoryAxis or a LinearAxis.");
        foreach (var series in _chart.Series)
        {
            if (series is PointSeries { Labels.Count: > 0 } labelled && labelled.Labels.Count != labelled.Points.Count)
                throw new ArgumentException($"The series \"{series.Name}\" has {labelled.Points.Count} points and {labelled.Labels.Count} labels.");
            foreach (var (i, point) in series.Points.Index().Where(item => item.Item.IsFinite))
            {
                if (_chart.X is LogAxis && point.X <= 0) Refuse(_chart.X, series, i, point.X);
                if (_chart.Y is LogAxis && point.Y <= 0) Refuse(_chart.Y, series, i, point.Y);
                if (_chart.Y is LogAxis && point.HasInterval && point.Low <= 0) Refuse(_chart.Y, series, i, point.Low!.Value);
            }
        }

        static void Refuse(Axis axis, Series series, int point, double value) => throw new ArgumentException(
            $"The axis \"{axis.Label}\" is logarithmic and cannot show {SvgWriter.Number(value)} (series \"{series.Name}\", point {point}); leave such points out, or use a LinearAxis.");
    }

    private static double Least(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Min();

    private static double Greatest(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Max();

    private double X(double value) => _left + _x.Fraction(value) * (_right - _left);

    private double Y(double value) => _bottom - _y.Fraction(value) * (_bottom - _top);

    private bool Fits(Scale x) => x.Ticks.Count == 0 || x.Ticks.Max(tick => SvgWriter.WidthOf(tick.Label)) + 10 <= (_right - _left) / x.Ticks.Count;

    private void LayOutLegend(double width)
    {
        var x = 0.0;
        for (var i = 0; i < _chart.Series.Count; i++)
        {
            if (_chart.Series[i].Name.Length == 0) continue;
            var wide = 26 + SvgWriter.WidthOf(_chart.Series[i].Name) + 14;
            if (_legend.Count == 0 || x + wide > width)
            {
                _legend.Add([]);
                x = 0;
            }
            _legend[^1].Add((i, Edge + x));
            x += wide;
        }
    }

    private void DrawHeading()
    {
        var y = Edge;
        foreach (var line in _title) _svg.Text(Edge, (y += TitleLine) - 6, line, "title");
        foreach (var line in _subtitle) _svg.Text(Edge, (y += Line) - 3, line, "soft");
        foreach (var row in _legend)
        {
            y += Line + 2;
            foreach (var (series, x) in row)
            {
                DrawKey(_chart.Series[series], series, x, y - 4);
                _svg.Text(x + 26, y, _chart.Series[series].Name, "key");
            }
        }
    }

    private void DrawKey(Series series, int index, double x, double y)
    {
        var (ink, fill) = Colours(index);
        switch (series)
        {
            case PointSeries: _svg.Circle(x + 10, y, 4, fill); break;
            case BarSeries: _svg.Rectangle(x + 4, y - 6, 12, 12, fill, 2); break;
            case RangeSeries: _svg.Rectangle(x + 2, y - 6, 16, 12, $"area {fill}", 2); break;
            default: _svg.Line(x, y, x + 20, y, LineClass(series, index, ink)); break;
        }
    }

    private void DrawAxes()
    {
        foreach (var tick in _y.Ticks)
        {
            _svg.Line(_left, Y(tick.Value), _right, Y(tick.Value), "grid");
            _svg.Text(_left - 6, Y(tick.Value) + 4, tick.Label, "soft", "end");
        }
        foreach (var (i, tick) in _x.Ticks.Index())
        {
            if (_chart.X is not CategoryAxis) _svg.Line(X(tick.Value), _top, X(tick.Value), _bottom, "grid");
            if (_slanted) _svg.Text(X(tick.Value) + 4, _bottom + 14, tick.Label, "soft", "end", -35);
            else foreach (var (row, line) in _names[i].Index()) _svg.Text(X(tick.Value), _bottom + 17 + row * Line, line, "soft", "middle");
        }
        _svg.Line(_left, _bottom, _right, _bottom, "axis");
        if (_chart.X.Label.Length > 0) _svg.Text((_left + _right) / 2, _chart.Height - Edge, _chart.X.Label, "label", "middle");
        if (_chart.Y.Label.Length > 0) _svg.Text(Edge + 10, (_top + _bottom) / 2, _chart.Y.Label, "label", "middle", -90);
    }

    private void DrawSeries(Series series, int index)
    {
        var (ink, fill) = Colours(index);
        switch (series)
        {
            case LineSeries line:
                foreach (var run in Runs(line.Points, point => point.IsFinite && point.HasInterval))
                    _svg.Path([[.. run.Select(p => (X(p.X), Y(p.High!.Value))), .. run.Reverse<ChartPoint>().Select(p => (X(p.X), Y(p.Low!.Value)))]], $"area {fill}", closed: true);
                _svg.Path(Runs(line.Points, point => point.IsFinite).Select(run => run.Select(p => (X(p.X), Y(p.Y))).ToList()), LineClass(series, index, ink));
                break;
            case PointSeries:
                foreach (var point in series.Points.Where(point => point.IsFinite))
                {
                    DrawErrorBar(point, X(point.X), $"line thin {ink}");
                    _svg.Circle(X(point.X), Y(point.Y), 3.5, fill);
                }
                break;
            case BarSeries bars:
                DrawBars(bars, fill);
                break;
            case RangeSeries range:
                var (from, to) = (Math.Max(range.From, _x.Low), Math.Min(range.To, _x.High));
                if (from < to) _svg.Rectangle(X(from), _top, X(to) - X(from), _bottom - _top, $"area {fill}");
                break;
            case RuleSeries rule:
                _svg.Line(X(rule.At), _top, X(rule.At), _bottom, LineClass(series, index, ink));
                break;
        }
    }

    private void DrawBars(BarSeries bars, string fill)
    {
        var (number, slot) = (Array.IndexOf(Bars, bars), BarSlot() * BarShare);
        var width = slot / Bars.Length;
        foreach (var point in bars.Points.Where(point => point.IsFinite))
        {
            var left = point.X - slot / 2 + number * width;
            var (x1, x2) = (X(left), X(left + width));
            var (y1, y2) = (Y(point.Y), _chart.Y is LinearAxis ? Y(Math.Clamp(0, _y.Low, _y.High)) : _bottom);
            _svg.Rectangle(x1, Math.Min(y1, y2), Math.Max(x2 - x1 - 1, 1), Math.Abs(y2 - y1), fill);
            DrawErrorBar(point, (x1 + x2) / 2, "whisker");
        }
    }

    private void DrawErrorBar(ChartPoint point, double x, string classes)
    {
        if (!point.HasInterval) return;
        var (low, high) = (Y(point.Low!.Value), Y(point.High!.Value));
        _svg.Line(x, low, x, high, classes);
        foreach (var y in (double[])[low, high]) _svg.Line(x - 4, y, x + 4, y, classes);
    }

    /// <summary>The least distance between bars, in the unit of the X axis.</summary>
    private double BarSlot()
    {
        var places = Bars.SelectMany(bar => bar.Points).Where(point => point.IsFinite).Select(point => point.X).Distinct().Order().ToArray();
        return places.Length < 2 ? 1 : places.Zip(places.Skip(1), (a, b) => b - a).Min();
    }

    private (string Ink, string Fill) Colours(int series) => ($"ink{_colours[series] % Palette.Count}", $"fill{_colours[series] % Palette.Count}");

    private string LineClass(Series series, int index, string ink) =>
        series is RuleSeries or LineSeries { IsDashed: true } || _colours[index] >= Palette.Count ? $"line dashed {ink}" : $"line {ink}";

    private static IEnumerable<List<ChartPoint>> Runs(IReadOnlyList<ChartPoint> points, Func<ChartPoint, bool> isDrawn)
    {
        List<ChartPoint> run = [];
        foreach (var point in points)
        {
            if (isDrawn(point)) run.Add(point);
            else if (run.Count > 0)
            {
                yield return run;
                run = [];
            }
        }
        if (run.Count > 0) yield return run;
    }
}
