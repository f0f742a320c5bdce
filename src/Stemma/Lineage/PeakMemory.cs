namespace Stemma.Lineage;

/// <summary>The most memory that the process has while this lives.</summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
    private readonly Timer _timer;
    private long _most;

    public PeakMemory() => _timer = new(_ => Look(), null, TimeSpan.Zero, s_interval);

    /// <summary>In bytes, so far.</summary>
    public long Bytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref _most);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (var most = Interlocked.Read(ref _most); now > most; most = Interlocked.Read(ref _most))
            if (Interlocked.CompareExchange(ref _most, now, most) == most) return;
    }
}
