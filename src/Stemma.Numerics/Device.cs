using Stemma.Numerics.Backends;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Planning;
using Stemma.Numerics.Backends.Reference;

namespace Stemma.Numerics;

/// <summary>Where a tensor lives and what computes on it. A value carried by every tensor; results live where their inputs do.</summary>
public sealed class Device
{
    private Device(string name, IBackend backend, int threads, ComputePrecision precision) =>
        (Name, Backend, ThreadCount, Precision) = (name, backend, threads, precision);

    /// <summary>Plain loops on one thread, float32 and float64: the definition that every other device must equal.</summary>
    public static Device Reference { get; } = new("reference", new ReferenceBackend(), 1, ComputePrecision.Float32);

    /// <summary>This machine's processor, all of its threads, float32.</summary>
    public static Device Cpu { get; } = CreateCpu();

    /// <summary>Computes nothing, at once: for planning, where only shapes and memory are of interest. Values on it mean nothing.</summary>
    public static Device Planning { get; } = new("planning", new PlanningBackend(), 1, ComputePrecision.Float32);

    /// <summary>For people: <c>cpu</c>, <c>reference</c>.</summary>
    public string Name { get; }

    /// <summary>How many threads work on one operation. Results do not depend on it.</summary>
    public int ThreadCount { get; }

    /// <summary>What the factors of a matrix product are rounded to. Sums are float32 either way.</summary>
    public ComputePrecision Precision { get; }

    internal IBackend Backend { get; }

    /// <summary>A processor device of its own thread count and precision.</summary>
    /// <param name="threads">1 to 64; 0 means one per processor.</param>
    /// <param name="precision">What the factors of a matrix product are rounded to.</param>
    public static Device CreateCpu(int threads = 0, ComputePrecision precision = ComputePrecision.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, WorkerPool.MaxThreadCount);
        if (threads == 0) threads = Math.Min(Environment.ProcessorCount, WorkerPool.MaxThreadCount);
        return new("cpu", new CpuBackend(threads, precision), threads, precision);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
