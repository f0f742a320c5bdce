using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>Reads sorted runs as one, combining records of one key where their kind allows it.</summary>
internal sealed class RunMerger<T> : IDisposable where T : unmanaged, IRecord<T>
{
    private const int MostRuns = 128;

    private readonly List<RecordStore<T>> _runs;
    private readonly RecordStore<T>.Reader[] _heap;
    private readonly bool _single;
    private T _current;
    private int _size;

    /// <param name="workspace">Keeps what is merged on the way where there are very many runs.</param>
    /// <param name="runs">Sorted; they are disposed of with the merger.</param>
    public RunMerger(Workspace workspace, IEnumerable<RecordStore<T>> runs)
    {
        _runs = [.. runs];
        while (_runs.Count > MostRuns)
        {
            var merged = new RecordStore<T>(workspace);
            using (var part = new RunMerger<T>(workspace, _runs[..MostRuns]))
                while (part.MoveNext()) merged.Add(part.Current);
            _runs.RemoveRange(0, MostRuns);
            _runs.Add(merged.Seal());
        }
        _heap = new RecordStore<T>.Reader[_runs.Count];
        foreach (var run in _runs)
        {
            var reader = run.Read();
            if (!reader.MoveNext()) continue;
            _heap[_size++] = reader;
        }
        for (var i = (_size / 2) - 1; i >= 0; i--) Sink(i);
        _single = _size == 1;
    }

    /// <summary>The record at hand.</summary>
    public ref readonly T Current => ref _current;

    /// <summary>Whether a record follows, which is then at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MoveNext()
    {
        if (_size == 0) return false;
        _current = _heap[0].Current;
        Advance();
        // Within one run records of one key are combined already.
        while (!_single && _size > 0 && _heap[0].Current.Key == _current.Key && T.TryCombine(ref _current, _heap[0].Current)) Advance();
        return true;
    }

    public void Dispose()
    {
        foreach (var reader in _heap.OfType<RecordStore<T>.Reader>()) reader.Dispose();
        foreach (var run in _runs) run.Dispose();
    }

    private void Advance()
    {
        if (!_heap[0].MoveNext())
        {
            // The reader stays in the array, so that it is disposed of.
            _size--;
            (_heap[0], _heap[_size]) = (_heap[_size], _heap[0]);
        }
        if (_size > 1) Sink(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sink(int place)
    {
        var reader = _heap[place];
        for (var child = (2 * place) + 1; child < _size; child = (2 * place) + 1)
        {
            if (child + 1 < _size && _heap[child + 1].Current.Key < _heap[child].Current.Key) child++;
            if (!(_heap[child].Current.Key < reader.Current.Key)) break;
            _heap[place] = _heap[child];
            place = child;
        }
        _heap[place] = reader;
    }
}
