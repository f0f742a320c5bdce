using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Stemma.Models.NGram;

/// <summary>
/// The memory and the temporary files of one estimation. Half of the memory sorts, half keeps records; what does not fit goes to
/// files in a folder of its own, which is removed at the end.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    public const int BlockBytes = 1 << 18;

    private readonly Stack<IntPtr> _free = [];
    private readonly long _mostBlocks;
    private readonly string _parent;
    private long _blocks;
    private string? _folder;
    private int _files;

    /// <param name="memoryBytes">What sorting and keeping may take.</param>
    /// <param name="threadCount">How many threads work; each sorts in its own part.</param>
    /// <param name="temporaryFolder">Where files go when memory does not suffice; the system's when null.</param>
    public Workspace(long memoryBytes, int threadCount = 1, string? temporaryFolder = null)
    {
        ThreadCount = threadCount;
        _parent = temporaryFolder ?? Path.GetTempPath();
        _mostBlocks = memoryBytes / 2 / BlockBytes;
        // A thread sorts two kinds of records at a time: one comes out of a sorter, one goes into the next.
        SorterBytes = Math.Max(1 << 14, memoryBytes / 2 / threadCount / 2);
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

    /// <summary>A new temporary file, which goes with its handle.</summary>
    public SafeFileHandle CreateFile()
    {
        string path;
        lock (_free)
        {
            _folder ??= Directory.CreateDirectory(Path.Combine(_parent, $"stemma-ngram-{Guid.NewGuid():N}")).FullName;
            path = Path.Combine(_folder, $"{_files++}.records");
        }
        return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
    }

    public void Dispose()
    {
        while (_free.TryPop(out var block)) NativeMemory.Free((void*)block);
        if (_folder is not null && Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        _folder = null;
    }
}
