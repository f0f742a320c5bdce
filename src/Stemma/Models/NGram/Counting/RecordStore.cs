using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Models.NGram;

/// <summary>Records in the order they were added: in memory as long as the workspace has some, then in a file. Once sealed, any number of readers may read it.</summary>
internal sealed unsafe class RecordStore<T>(Workspace workspace) : IDisposable where T : unmanaged
{
    private const int ReadBytes = 1 << 16;

    private static readonly int s_perBlock = Workspace.BlockBytes / sizeof(T);
    private static readonly int s_perRead = ReadBytes / sizeof(T);
    private readonly List<IntPtr> _blocks = []; // all full, but the last where there is no file
    private SafeFileHandle? _file;
    private T* _block;
    private int _filled;
    private long _inFile;

    /// <summary>Records added; right once sealed.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in T record)
    {
        if (_block == null || _filled == s_perBlock) NextBlock();
        _block[_filled++] = record;
    }

    /// <summary>Adds records.</summary>
    public void AddRange(ReadOnlySpan<T> records)
    {
        while (!records.IsEmpty)
        {
            if (_block == null || _filled == s_perBlock) NextBlock();
            var count = Math.Min(records.Length, s_perBlock - _filled);
            records[..count].CopyTo(new Span<T>(_block + _filled, count));
            _filled += count;
            records = records[count..];
        }
    }

    /// <summary>Ends adding.</summary>
    public RecordStore<T> Seal()
    {
        if (_block == null) return this;
        if (_file is not null)
        {
            Write();
            workspace.Return((byte*)_block);
            Count = ((long)_blocks.Count * s_perBlock) + _inFile;
        }
        else
        {
            Count = ((long)_blocks.Count * s_perBlock) + _filled;
            _blocks.Add((IntPtr)_block);
        }
        _block = null;
        return this;
    }

    /// <summary>A reader from a record on.</summary>
    public Reader Read(long start = 0) => new(this, start);

    public void Dispose()
    {
        foreach (var block in _blocks) workspace.Return((byte*)block);
        _blocks.Clear();
        if (_block != null) workspace.Return((byte*)_block);
        _block = null;
        _file?.Dispose();
    }

    private void NextBlock()
    {
        if (_block == null)
        {
            _block = (T*)workspace.Rent();
            return;
        }
        var next = _file is null ? (T*)workspace.TryRent() : null;
        if (next != null)
        {
            _blocks.Add((IntPtr)_block);
            _block = next;
            _filled = 0;
            return;
        }
        _file ??= workspace.CreateFile();
        Write();
    }

    private void Write()
    {
        RandomAccess.Write(_file!, new ReadOnlySpan<byte>(_block, _filled * sizeof(T)), _inFile * sizeof(T));
        _inFile += _filled;
        _filled = 0;
    }

    /// <summary>Goes through the records: MoveNext, then Current.</summary>
    public sealed class Reader : IDisposable
    {
        private readonly RecordStore<T> _store;
        private long _next;
        private T* _at;
        private T* _end;
        private T* _buffer;

        internal Reader(RecordStore<T> store, long start)
        {
            (_store, _next) = (store, start);
            _at = (T*)0 - 1;
        }

        /// <summary>The record at hand.</summary>
        public ref readonly T Current => ref *_at;

        /// <summary>Whether a record follows, which is then at hand.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => ++_at < _end || NextBlock();

        /// <summary>The records that follow, as many as lie together and at most so many; none at the end.</summary>
        public ReadOnlySpan<T> Take(int most)
        {
            if (!MoveNext()) return [];
            var count = (int)Math.Min(most, _end - _at);
            var records = new ReadOnlySpan<T>(_at, count);
            _at += count - 1;
            return records;
        }

        public void Dispose()
        {
            NativeMemory.Free(_buffer);
            _buffer = null;
        }

        private bool NextBlock()
        {
            _at = _end - 1; // so that asking again at the end gives the same answer
            var left = _store.Count - _next;
            if (left <= 0) return false;
            var kept = (long)_store._blocks.Count * s_perBlock;
            if (_next < kept)
            {
                var skip = (int)(_next % s_perBlock);
                var count = Math.Min(s_perBlock - skip, left);
                _at = (T*)_store._blocks[(int)(_next / s_perBlock)] + skip;
                _end = _at + count;
                _next += count;
                return true;
            }
            if (_buffer == null) _buffer = (T*)NativeMemory.Alloc(ReadBytes);
            var read = Fill(_next - kept, (int)Math.Min(s_perRead, left));
            _at = _buffer;
            _end = _buffer + read;
            _next += read;
            return true;
        }

        private int Fill(long position, int count)
        {
            var bytes = new Span<byte>(_buffer, count * sizeof(T));
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(_store._file!, bytes[done..], (position * sizeof(T)) + done);
                if (read == 0) throw new IOException("A temporary file ended before its records did.");
                done += read;
            }
            return count;
        }
    }
}
