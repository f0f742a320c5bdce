using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>
/// Sorts any number of records in bounded memory: fills a buffer, sorts it, keeps it as a run, and merges the runs in the end.
/// Records of one key are combined where their kind allows it. The result does not depend on the size of the buffer.
/// </summary>
internal sealed unsafe class RecordSorter<T> : IDisposable where T : unmanaged, IRecord<T>
{
    private readonly Workspace _workspace;
    private readonly List<RecordStore<T>> _runs = [];
    private readonly long _capacity;
    private readonly int _fromBit;
    private readonly int _toBit;
    private byte* _memory;
    private T* _buffer;
    private T* _scratch;
    private long _filled;

    /// <param name="workspace">Gives memory and files.</param>
    /// <param name="fromBit">Bits below are in order already among records that agree from here on.</param>
    /// <param name="toBit">Bits from here on are zero.</param>
    public RecordSorter(Workspace workspace, int fromBit, int toBit)
    {
        (_workspace, _fromBit, _toBit) = (workspace, fromBit, toBit);
        _capacity = workspace.SorterBytes / 2 / sizeof(T);
    }

    /// <summary>Adds a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T record)
    {
        if (_filled == _capacity || _buffer == null) MakeRoom();
        _buffer[_filled++] = record;
    }

    /// <summary>Ends adding: all runs, and no buffer any more.</summary>
    public List<RecordStore<T>> Finish()
    {
        EndRun();
        ReturnBuffer();
        return _runs;
    }

    public void Dispose()
    {
        ReturnBuffer();
        foreach (var run in _runs) run.Dispose();
    }

    // The buffer comes with the first record, so that sorters that wait for theirs take nothing.
    private void MakeRoom()
    {
        EndRun();
        if (_memory != null) return;
        _memory = _workspace.RentSorter();
        _buffer = (T*)_memory;
        _scratch = _buffer + _capacity;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EndRun()
    {
        if (_filled == 0) return;
        var sorted = RadixSort.Sort(_buffer, _scratch, _filled, _fromBit, _toBit);
        var count = 1L;
        for (long i = 1; i < _filled; i++)
            if (sorted[count - 1].Key != sorted[i].Key || !T.TryCombine(ref sorted[count - 1], sorted[i])) sorted[count++] = sorted[i];
        var run = new RecordStore<T>(_workspace);
        _runs.Add(run);
        for (long done = 0; done < count; done += int.MaxValue) run.AddRange(new ReadOnlySpan<T>(sorted + done, (int)Math.Min(int.MaxValue, count - done)));
        run.Seal();
        _filled = 0;
    }

    private void ReturnBuffer()
    {
        if (_memory != null) _workspace.ReturnSorter(_memory);
        _memory = null;
        _buffer = null;
        _scratch = null;
    }
}
