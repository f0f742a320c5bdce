namespace Stemma.Reporting;

/// <summary>
/// Places the nodes of an acyclic graph in rows, so that edges go down, seldom cross and are short: rows by longest paths, order by
/// the means of neighbours, long edges through a place of their own in every row they pass. Sugiyama et al. 1981.
/// </summary>
internal sealed class LayeredLayout
{
    private const double Gap = 18;
    private const int Sweeps = 12;

    private readonly List<Place> _places = [];
    private readonly List<List<Place>> _rows = [];

    /// <param name="widths">The width of each node, in pixels.</param>
    /// <param name="inputs">For each node those it is made from, all of smaller numbers.</param>
    public LayeredLayout(IReadOnlyList<double> widths, IReadOnlyList<IReadOnlyList<int>> inputs)
    {
        var ranks = Ranks(inputs);
        for (var i = 0; i < widths.Count; i++) Add(ranks[i], widths[i]);
        for (var node = 0; node < inputs.Count; node++)
            foreach (var input in inputs[node]) Edges.Add(Route(_places[input], _places[node]));
        for (var sweep = 0; sweep < Sweeps; sweep++) Order(downwards: sweep % 2 == 0);
        Settle();
    }

    /// <summary>The paths of the edges, in the order of the inputs; each begins and ends at a node.</summary>
    public List<List<Place>> Edges { get; } = [];

    /// <summary>The width of all, in pixels.</summary>
    public double Width { get; private set; }

    /// <summary>The number of rows.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Where a node stands.</summary>
    public Place this[int node] => _places[node];

    // As low as their inputs allow; what is given stands just above the first who takes it.
    private static int[] Ranks(IReadOnlyList<IReadOnlyList<int>> inputs)
    {
        var ranks = new int[inputs.Count];
        var first = new int[inputs.Count];
        Array.Fill(first, int.MaxValue);
        for (var i = 0; i < ranks.Length; i++)
        {
            foreach (var input in inputs[i]) ranks[i] = Math.Max(ranks[i], ranks[input] + 1);
            foreach (var input in inputs[i]) first[input] = Math.Min(first[input], ranks[i]);
        }
        for (var i = 0; i < ranks.Length; i++)
            if (inputs[i].Count == 0 && first[i] < int.MaxValue) ranks[i] = first[i] - 1;
        return ranks;
    }

    private Place Add(int row, double width)
    {
        while (_rows.Count <= row) _rows.Add([]);
        var place = new Place(row, width) { Order = _rows[row].Count };
        _rows[row].Add(place);
        _places.Add(place);
        return place;
    }

    private List<Place> Route(Place from, Place to)
    {
        List<Place> route = [from];
        for (var row = from.Row + 1; row < to.Row; row++) route.Add(Add(row, 2));
        route.Add(to);
        for (var i = 1; i < route.Count; i++)
        {
            route[i - 1].Below.Add(route[i]);
            route[i].Above.Add(route[i - 1]);
        }
        return route;
    }

    private void Order(bool downwards)
    {
        foreach (var row in downwards ? _rows : _rows.AsEnumerable().Reverse())
        {
            var sorted = row.OrderBy(place => Mean(downwards ? place.Above : place.Below, other => other.Order, place.Order)).ThenBy(place => place.Order).ToList();
            row.Clear();
            row.AddRange(sorted);
            for (var i = 0; i < row.Count; i++) row[i].Order = i;
        }
    }

    private void Settle()
    {
        foreach (var row in _rows) Spread(row, place => place.X);
        for (var sweep = 0; sweep < 2 * Sweeps; sweep++)
        {
            var downwards = sweep % 2 == 0;
            foreach (var row in downwards ? _rows : _rows.AsEnumerable().Reverse())
                Spread(row, place => Mean(downwards ? place.Above : place.Below, other => other.X, place.X));
        }
        if (_places.Count == 0) return;
        var left = _places.Min(place => place.X - place.Width / 2);
        foreach (var place in _places) place.X -= left;
        Width = _places.Max(place => place.X + place.Width / 2);
    }

    // As near to where each wants to be as order and widths allow: the middle of pushing all to the right and all to the left.
    private static void Spread(List<Place> row, Func<Place, double> wanted)
    {
        if (row.Count == 0) return;
        double[] right = [.. row.Select(wanted)], left = [.. right];
        for (var i = 1; i < row.Count; i++) right[i] = Math.Max(right[i], right[i - 1] + Apart(row[i - 1], row[i]));
        for (var i = row.Count - 2; i >= 0; i--) left[i] = Math.Min(left[i], left[i + 1] - Apart(row[i], row[i + 1]));
        for (var i = 0; i < row.Count; i++) row[i].X = (left[i] + right[i]) / 2;
    }

    private static double Apart(Place a, Place b) => (a.Width + b.Width) / 2 + Gap;

    private static double Mean(List<Place> neighbours, Func<Place, double> value, double alone) => neighbours.Count == 0 ? alone : neighbours.Average(value);

    /// <summary>A node, or where an edge passes a row.</summary>
    /// <param name="row">0 at the top.</param>
    /// <param name="width">In pixels.</param>
    internal sealed class Place(int row, double width)
    {
        public int Row => row;

        public double Width => width;

        public int Order { get; set; }

        /// <summary>The middle, in pixels from the left.</summary>
        public double X { get; set; }

        public List<Place> Above { get; } = [];

        public List<Place> Below { get; } = [];
    }
}
