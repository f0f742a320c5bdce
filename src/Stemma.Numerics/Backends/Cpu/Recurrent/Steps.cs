using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>Which sequences take part in a step: the longest stand first, so that those still running are always the first few.</summary>
internal sealed class Steps
{
    private readonly int[] _sequences, _firstRows, _lengths;

    public Steps(SequenceLayout layout)
    {
        var lengths = new int[layout.Count];
        for (var s = 0; s < lengths.Length; s++) lengths[s] = layout.QueryOffsets[s + 1] - layout.QueryOffsets[s];
        _sequences = [.. Enumerable.Range(0, layout.Count).OrderByDescending(s => lengths[s])];
        _lengths = Array.ConvertAll(_sequences, s => lengths[s]);
        _firstRows = new int[layout.Count];
        for (var p = 0; p < _firstRows.Length; p++) _firstRows[p] = layout.QueryOffsets[_sequences[p]];
        Count = layout.LongestQuery;
    }

    /// <summary>Steps of the longest sequence.</summary>
    public int Count { get; }

    /// <summary>Sequences.</summary>
    public int SequenceCount => _sequences.Length;

    /// <summary>How many sequences have a row at a step.</summary>
    public int Active(int step)
    {
        int low = 0, high = _lengths.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_lengths[middle] > step) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The sequence at a position.</summary>
    public int Sequence(int position) => _sequences[position];

    /// <summary>The rows of the sequence at a position.</summary>
    public int Length(int position) => _lengths[position];

    /// <summary>The row of the sequence at a position at a step that it has.</summary>
    public nint Row(int position, int step) => (nint)_firstRows[position] + step;
}
