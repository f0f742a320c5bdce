using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Planning;
using Stemma.Numerics.Backends.Reference;

namespace Stemma.Numerics;

/// <summary>Where a tensor lives and what computes on it. A value carried by every tensor; results live where their inputs do.</summary>
public sealed class Device
{
    // Lazy, so that what is wrong with the environment is thrown as it is, not as a failed type initialiser.
    private static readonly Lazy<Device> s_cpu = new(() => CreateCpu());

    private Device(string name, IBackend backend, int threads, ComputePrecision precision) =>
        (Name, Backend, ThreadCount, Precision) = (name, backend, threads, precision);

    /// <summary>Plain loops on one thread, float32 and float64: the definition that every other device must equal.</summary>
    public static Device Reference { get; } = new("reference", new ReferenceBackend(), 1, ComputePrecision.Float32);

    /// <summary>This machine's processor, all of its threads, float32.</summary>
    public static Device Cpu => s_cpu.Value;

    /// <summary>Computes nothing, at once: for planning, where only shapes and memory are of interest. Values on it mean nothing.</summary>
    /// <param name="precision">What the planned device rounds to, and so how it stores activations.</param>
    public static Device Planning(ComputePrecision precision = ComputePrecision.Float32) => new("planning", new PlanningBackend(), 1, precision);

    /// <summary>For people: <c>cpu</c>, <c>reference</c>.</summary>
    public string Name { get; }

    /// <summary>How many threads work on one operation. Results do not depend on it.</summary>
    public int ThreadCount { get; }

    /// <summary>What the factors of a matrix product are rounded to. Sums are float32 either way.</summary>
    public ComputePrecision Precision { get; }

    /// <summary>
    /// How values are stored that only go from one matrix product to the next: bfloat16 where its factors are rounded to that anyway, see
    /// <see cref="Precision"/>. The residual stream, sums, statistics and weights stay float32.
    /// </summary>
    public DType ActivationType => Precision == ComputePrecision.BFloat16 && !Tape.IsHigherOrder ? DType.BFloat16 : DType.Float32;

    internal IBackend Backend { get; }

    /// <summary>A processor device of its own thread count and precision.</summary>
    /// <param name="threads">1 to 64; 0 means one per processor.</param>
    /// <param name="precision">What the factors of a matrix product are rounded to.</param>
    /// <exception cref="ProcessorLevelException"><c>STEMMA_CPU</c> asks for a level that is unknown or not available.</exception>
    public static Device CreateCpu(int threads = 0, ComputePrecision precision = ComputePrecision.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, WorkerPool.MaxThreadCount);
        _ = ProcessorLevels.Current;
        if (threads == 0) threads = Math.Min(Environment.ProcessorCount, WorkerPool.MaxThreadCount);
        return new("cpu", new CpuBackend(threads, precision), threads, precision);
    }

    /// <summary>The same device with another backend around its own: one that measures, for example.</summary>
    internal Device With(Func<IBackend, IBackend> around) => new(Name, around(Backend), ThreadCount, Precision);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
