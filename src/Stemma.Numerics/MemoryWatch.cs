namespace Stemma.Numerics;

/// <summary>Counts the bytes that one thread takes for tensors and returns, from its creation to its disposal. Watches nest; the outer one sees all.</summary>
public sealed class MemoryWatch : IDisposable
{
    [ThreadStatic]
    private static MemoryWatch? s_current;

    private readonly MemoryWatch? _outer = s_current;

    internal MemoryWatch() => s_current = this;

    internal static MemoryWatch? Current => s_current;

    /// <summary>Bytes taken and not yet returned; negative where more was returned than taken.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>The most that <see cref="UsedBytes"/> ever was.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        if (s_current == this) s_current = _outer;
    }

    internal void Add(long bytes)
    {
        UsedBytes += bytes;
        PeakBytes = Math.Max(PeakBytes, UsedBytes);
        _outer?.Add(bytes);
    }
}
