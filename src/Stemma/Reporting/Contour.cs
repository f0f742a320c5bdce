namespace Stemma.Reporting;

/// <summary>Lines along which a function of two numbers has one value, from its values on a grid.</summary>
public static class Contour
{
    /// <summary>One level's line, as pieces with gaps between them: every cell of the grid is cut into two triangles, on which the function is taken to be flat.</summary>
    /// <param name="x">Of the columns, rising.</param>
    /// <param name="y">Of the rows, rising.</param>
    /// <param name="values">[rows, columns]; a cell with a value that is not finite is left out.</param>
    /// <param name="level">The value.</param>
    /// <exception cref="ArgumentException">The grid has other sizes.</exception>
    public static IReadOnlyList<ChartPoint> Of(IReadOnlyList<double> x, IReadOnlyList<double> y, double[,] values, double level)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(values);
        if (values.GetLength(0) != y.Count || values.GetLength(1) != x.Count) throw new ArgumentException($"The values are {values.GetLength(0)} × {values.GetLength(1)}, the grid {y.Count} × {x.Count}.", nameof(values));
        List<ChartPoint> line = [];
        for (var row = 0; row + 1 < y.Count; row++)
        {
            for (var column = 0; column + 1 < x.Count; column++)
            {
                Cut((row, column), (row, column + 1), (row + 1, column));
                Cut((row + 1, column + 1), (row, column + 1), (row + 1, column));
            }
        }
        return line;

        void Cut((int Row, int Column) a, (int Row, int Column) b, (int Row, int Column) c)
        {
            List<ChartPoint> ends = [];
            foreach (var (from, to) in (((int Row, int Column), (int Row, int Column))[])[(a, b), (b, c), (c, a)])
            {
                var (low, high) = (values[from.Row, from.Column], values[to.Row, to.Column]);
                if (!double.IsFinite(low) || !double.IsFinite(high)) return;
                // A corner at the level belongs to the upper side: a line never ends at a corner.
                if (low >= level == high >= level) continue;
                var share = (level - low) / (high - low);
                ends.Add((x[from.Column] + share * (x[to.Column] - x[from.Column]), y[from.Row] + share * (y[to.Row] - y[from.Row])));
            }
            if (ends.Count == 2) line.AddRange([ends[0], ends[1], (double.NaN, double.NaN)]);
        }
    }
}
