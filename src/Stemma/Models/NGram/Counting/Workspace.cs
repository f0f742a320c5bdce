using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Models.NGram;

/// <summary>
/// The memory and the temporary files of one estimation. A part of the memory is left to the program itself; of the rest half sorts
/// and half keeps records. What does not fit goes to files in a folder of its own, which is removed at the end.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    public const int BlockBytes = 1 << 18;

    // What the runtime, the compiled code and the buffers of reading and writing come to.
    private const long ProgramBytes = 64L << 20;

    private readonly Stack<IntPtr> _free = [];
    private readonly Stack<IntPtr> _sorters = [];
    private readonly long _mostBlocks;
    private readonly string _parent;
    private long _blocks;
    private string? _folder;
    private int _files;
    private int _paths;

    /// <param name="memoryBytes">What the whole may take; where that is little, half of it is for sorting and keeping, whatever the program needs.</param>
    /// <param name="threadCount">How many threads work; each sorts in its own part.</param>
    /// <param name="temporaryFolder">Where files go when memory does not suffice; the system's when null.</param>
    public Workspace(long memoryBytes, int threadCount = 1, string? temporaryFolder = null)
    {
        ThreadCount = threadCount;
        _parent = temporaryFolder ?? Path.GetTempPath();
        var usable = Math.Max(memoryBytes / 2, memoryBytes - ProgramBytes);
        _mostBlocks = usable / 2 / BlockBytes;
        // A thread fills one sorter at a time.
        SorterBytes = Math.Max(1 << 14, usable / 2 / threadCount);
    }

    /// <summary>How many threads work.</summary>
    public int ThreadCount { get; }

    /// <summary>Bytes of one sorter's buffers.</summary>
    public long SorterBytes { get; }

    /// <summary>Whether anything was written to a file.</summary>
    public bool Spilled => _files > 0;

    /// <summary>A block of memory; null where all that may be kept is taken.</summary>
    public byte* TryRent()
    {
        lock (_free)
        {
            if (_free.TryPop(out var block)) return (byte*)block;
            if (_blocks >= _mostBlocks) return null;
            _blocks++;
        }
        return (byte*)NativeMemory.Alloc(BlockBytes);
    }

    /// <summary>A block that work cannot go on without, beyond the limit where need be.</summary>
    public byte* Rent()
    {
        var block = TryRent();
        if (block != null) return block;
        lock (_free) _blocks++;
        return (byte*)NativeMemory.Alloc(BlockBytes);
    }

    /// <summary>Gives a block back.</summary>
    public void Return(byte* block)
    {
        lock (_free)
        {
            if (_blocks <= _mostBlocks)
            {
                _free.Push((IntPtr)block);
                return;
            }
            _blocks--;
        }
        NativeMemory.Free(block);
    }

    /// <summary>The buffer of a sorter, <see cref="SorterBytes"/> long. Pages that are never touched take no memory.</summary>
    public byte* RentSorter()
    {
        lock (_sorters)
            if (_sorters.TryPop(out var buffer)) return (byte*)buffer;
        return (byte*)NativeMemory.Alloc((nuint)SorterBytes);
    }

    /// <summary>Gives a sorter's buffer back, for the next one.</summary>
    public void ReturnSorter(byte* buffer)
    {
        lock (_sorters) _sorters.Push((IntPtr)buffer);
    }

    /// <summary>Frees the buffers of sorters: nothing is sorted for a while.</summary>
    public void TrimSorters()
    {
        lock (_sorters)
            while (_sorters.TryPop(out var buffer)) NativeMemory.Free((void*)buffer);
    }

    /// <summary>A new temporary file, which goes with its handle.</summary>
    public SafeFileHandle CreateFile()
    {
        var path = NewPath();
        Interlocked.Increment(ref _files);
        return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
    }

    /// <summary>A path in the folder of temporary files where nothing is.</summary>
    public string NewPath()
    {
        lock (_free)
        {
            _folder ??= Directory.CreateDirectory(Path.Combine(_parent, $"stemma-ngram-{Guid.NewGuid():N}")).FullName;
            return Path.Combine(_folder, $"{_paths++}.records");
        }
    }

    public void Dispose()
    {
        TrimSorters();
        while (_free.TryPop(out var block)) NativeMemory.Free((void*)block);
        if (_folder is not null && Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        _folder = null;
    }
}
