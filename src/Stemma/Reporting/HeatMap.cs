namespace Stemma.Reporting;

/// <summary>A matrix as squares, the darker the larger: how the words of two texts belong together, for example.</summary>
public sealed record HeatMap : Figure
{
    private const int Cell = 26;
    private const int TitleHeight = 34;

    /// <summary>A sentence under the heading; none when empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>A name for each row, from above.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>A name for each column, from the left.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The values: a list of <see cref="Columns"/> numbers for each row, 0 white, <see cref="Largest"/> full.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Values { get; init; }

    /// <summary>The value of a full square.</summary>
    public double Largest { get; init; } = 1;

    /// <summary>A map as large as its names and squares need.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="rows">A name for each row.</param>
    /// <param name="columns">A name for each column.</param>
    /// <param name="values">A list of numbers for each row.</param>
    public static HeatMap Of(string title, IReadOnlyList<string> rows, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<double>> values)
    {
        var map = new HeatMap { Title = title, Rows = rows, Columns = columns, Values = values };
        return map with { Width = Math.Max(240, (int)Math.Max(map.Left + Cell * columns.Count + 20, SvgWriter.WidthOf(title, 16) + 40)), Height = Math.Max(120, (int)(map.Top + Cell * rows.Count + 20)) };
    }

    /// <summary>The weights of an attention: what is written below itself, what is read from left to right.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="written">A name for each row of weights.</param>
    /// <param name="read">A name for each weight of a row.</param>
    /// <param name="weights">For each token written, the weights with which it looked at those read.</param>
    public static HeatMap OfAlignment(string title, IReadOnlyList<string> written, IReadOnlyList<string> read, IReadOnlyList<float[]> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return Of(title, [.. written.Select(Visible)], [.. read.Select(Visible)], [.. weights.Select(row => (IReadOnlyList<double>)[.. row.Take(read.Count).Select(weight => (double)weight)])]);
    }

    private double Left => 20 + Rows.Select(name => SvgWriter.WidthOf(name)).DefaultIfEmpty(0).Max() + 8;

    // Names of columns stand upright.
    private double Top => TitleHeight + (Subtitle.Length > 0 ? 16 : 0) + Columns.Select(name => SvgWriter.WidthOf(name)).DefaultIfEmpty(0).Max() + 12;

    internal override void Draw(SvgWriter svg)
    {
        if (Values.Count != Rows.Count || Values.Any(row => row.Count != Columns.Count)) throw new ArgumentException($"A heat map of {Rows.Count} rows and {Columns.Count} columns needs as many values.");
        if (!(Largest > 0) || Values.Any(row => row.Any(value => !double.IsFinite(value)))) throw new ArgumentException("A heat map's values must be finite and its largest positive.");
        svg.Text(20, 26, Title, "title");
        if (Subtitle.Length > 0) svg.Text(20, 42, Subtitle, "soft");
        for (var column = 0; column < Columns.Count; column++) svg.Text(Left + Cell * (column + 0.5) + 4, Top - 6, Columns[column], "", degrees: -90);
        for (var row = 0; row < Rows.Count; row++)
        {
            var y = Top + Cell * row;
            svg.Text(Left - 8, y + Cell / 2.0 + 4, Rows[row], "", anchor: "end");
            for (var column = 0; column < Columns.Count; column++)
            {
                var share = Math.Clamp(Values[row][column] / Largest, 0, 1);
                svg.Group("", $"{Rows[row]} · {Columns[column]}: {SvgWriter.Number(Values[row][column])}");
                svg.Rectangle(Left + Cell * column + 1, y + 1, Cell - 2, Cell - 2, "node");
                if (share >= 0.005) svg.Rectangle(Left + Cell * column + 1, y + 1, Cell - 2, Cell - 2, "fill0", opacity: share);
                svg.End();
            }
        }
    }

    private static string Visible(string piece) => piece.Length == 0 ? "∅" : piece.Trim().Length == 0 ? "␣" : piece.Trim();
}
