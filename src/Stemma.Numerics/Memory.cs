namespace Stemma.Numerics;

/// <summary>Who owns the memory of temporaries.</summary>
public static class Memory
{
    /// <summary>
    /// Opens a scope on this thread: every tensor made until its disposal is returned to the pool then, except those that
    /// <see cref="MemoryScope.Keep"/> let out. Tensors made outside any scope belong to the garbage collector.
    /// </summary>
    public static MemoryScope Scope() => new();

    /// <summary>Suspends the scopes of this thread: what is made until disposal belongs to the garbage collector (weights, caches).</summary>
    public static IDisposable Outside() => new Suspension();

    /// <summary>Returns the memory of a tensor that was made outside any scope and will not be used again, without waiting for the garbage collector.</summary>
    public static void Return(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.Storage.Release();
    }

    /// <summary>Watches what this thread takes and returns until disposal: the memory of a piece of work, whatever else the process does.</summary>
    public static MemoryWatch Watch() => new();

    /// <summary>Bytes that tensors use now, in the whole process.</summary>
    public static long UsedBytes => MemoryPool.UsedBytes;

    /// <summary>The most bytes that tensors used at once, in the whole process.</summary>
    public static long PeakBytes => MemoryPool.PeakBytes;

    /// <summary>Bytes that the process took from the system for large tensors, in use or idle. Steps that repeat take no more after the first few.</summary>
    public static long ReservedBytes => MemoryPool.ReservedBytes;

    private sealed class Suspension : IDisposable
    {
        private readonly MemoryScope? _suspended = MemoryScope.Current;

        public Suspension() => MemoryScope.Current = null;

        public void Dispose() => MemoryScope.Current = _suspended;
    }
}
