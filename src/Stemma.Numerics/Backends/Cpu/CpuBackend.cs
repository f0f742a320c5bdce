using Stemma.Numerics.Backends.Reference;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>
/// This machine's processor: float32 through vectors, packed matrix products and a pool of threads. float64 and int32, which
/// nothing hot uses, go through the reference backend's loops.
/// </summary>
internal sealed partial class CpuBackend(int threadCount, ComputePrecision precision) : IBackend, IDisposable
{
    // Elements per work item: enough to outweigh handing it out, few enough to stay in the second-level cache.
    private const int Chunk = 16384;

    private readonly ReferenceBackend _definition = new();
    private readonly WorkerPool _pool = new(threadCount);

    public void Dispose() => _pool.Dispose();

    private static int Items(long count) => (int)((count + Chunk - 1) / Chunk);
}
