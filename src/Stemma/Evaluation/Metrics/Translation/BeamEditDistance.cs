namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>What happens to a word on the way from the hypothesis to the reference.</summary>
internal enum Edit : byte
{
    None,
    Substitution,
    Insertion,
    Deletion,
}

/// <summary>
/// The edit distance of a hypothesis to a reference and the edits themselves, looking only at cells near the diagonal.
/// </summary>
/// <param name="reference">Its words.</param>
internal sealed class BeamEditDistance(string[] reference)
{
    private const int BeamWidth = 25;
    private const int Unreached = int.MaxValue / 2;

    private int[] _costs = [];
    private Edit[] _edits = [];

    /// <summary>The least number of edits.</summary>
    /// <param name="words">The hypothesis.</param>
    public int Of(string[] words)
    {
        int rows = words.Length + 1, columns = reference.Length + 1;
        if (_costs.Length < rows * columns) (_costs, _edits) = (new int[rows * columns], new Edit[rows * columns]);
        _costs.AsSpan(0, rows * columns).Fill(Unreached);
        for (var j = 0; j < columns; j++) (_costs[j], _edits[j]) = (j, Edit.Insertion);
        var slope = words.Length > 0 ? (double)reference.Length / words.Length : 1;
        var width = BeamWidth < slope / 2 ? (int)Math.Ceiling(slope / 2 + BeamWidth) : BeamWidth;
        for (var i = 1; i < rows; i++)
        {
            var diagonal = (int)Math.Floor(i * slope);
            var end = i == words.Length ? columns : Math.Min(columns, diagonal + width);
            for (var j = Math.Max(0, diagonal - width); j < end; j++)
            {
                // Of equal costs the first counts: a substitution before a deletion before an insertion.
                if (j > 0)
                {
                    var same = words[i - 1] == reference[j - 1];
                    Offer(i, j, i - 1, j - 1, same ? Edit.None : Edit.Substitution);
                }
                Offer(i, j, i - 1, j, Edit.Deletion);
                if (j > 0) Offer(i, j, i, j - 1, Edit.Insertion);
            }
        }
        return _costs[rows * columns - 1];

        void Offer(int i, int j, int fromRow, int fromColumn, Edit edit)
        {
            var cost = _costs[fromRow * columns + fromColumn] + (edit == Edit.None ? 0 : 1);
            if (cost < _costs[i * columns + j]) (_costs[i * columns + j], _edits[i * columns + j]) = (cost, edit);
        }
    }

    /// <summary>The edits of the hypothesis last asked for, from its first word to its last.</summary>
    /// <param name="wordCount">Its words.</param>
    public List<Edit> Edits(int wordCount)
    {
        List<Edit> edits = [];
        for (var (i, j) = (wordCount, reference.Length); i > 0 || j > 0;)
        {
            var edit = _edits[i * (reference.Length + 1) + j];
            edits.Add(edit);
            if (edit != Edit.Insertion) i--;
            if (edit != Edit.Deletion) j--;
        }
        edits.Reverse();
        return edits;
    }
}
