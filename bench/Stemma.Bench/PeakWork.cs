using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Bench;

/// <summary>What the processor can do at best at this moment, as a variant to set beside others.</summary>
internal readonly struct PeakWork(PeakLoop loop) : IParallelWork
{
    private const int Iterations = 40_000;

    public static PeakWork Float32 { get; } = new(PeakLoop.For(ComputePrecision.Float32));

    public double GigaFlop => Iterations * loop.Flops * 1e-9;

    public void Execute(int item) => loop.Run(Iterations);
}
