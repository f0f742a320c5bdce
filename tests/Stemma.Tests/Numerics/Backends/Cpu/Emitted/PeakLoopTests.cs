using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

public sealed unsafe class PeakLoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_generated_loop_does_the_operations_it_says(bool windows)
    {
        if (!EmittedCode.IsSupported) return;
        var convention = windows ? CallingConvention.Windows : CallingConvention.SystemV;
        foreach (var loop in (EmittedPeakLoop[])[new DotProductPeakLoop(convention), new TilePeakLoop(convention)])
        {
            var argument = new PeakLoopArgument { Iterations = 3, Tiles = PeakLoopArgument.FullTiles };
            var memory = new AddressSpace();
            memory.Add("the argument", &argument, sizeof(PeakLoopArgument));
            var interpreter = new Interpreter(memory);
            interpreter.Call(loop.Code, &argument, convention);
            Assert.Equal(3 * loop.Flops, interpreter.Flops);
        }
    }

    [Fact]
    public void Every_loop_of_this_machine_runs_as_long_as_its_iterations_say()
    {
        foreach (var level in ProcessorLevels.Available.Where(level => level <= ProcessorLevels.Current))
        {
            foreach (var precision in Enum.GetValues<ComputePrecision>())
            {
                var loop = PeakLoop.Of(level, precision);
                // A thousand times the iterations: if the loop did not do them, it would not take ten times as long.
                Assert.True(Seconds(loop, 1_000_000) > 10 * Seconds(loop, 1_000), $"{level}, {precision}");
            }
        }

        static double Seconds(PeakLoop loop, int iterations)
        {
            var best = double.PositiveInfinity;
            for (var i = 0; i < 5; i++)
            {
                var watch = System.Diagnostics.Stopwatch.StartNew();
                loop.Run(iterations);
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
            }
            return best;
        }
    }

    [Fact]
    public void A_peak_is_never_less_than_what_was_reached()
    {
        const int Threads = 61;    // no other test asks for as many
        var peak = MachinePeak.Flops(Threads, ComputePrecision.BFloat16);
        Assert.True(peak > 1e8);
        Assert.Equal(20 * peak, MachinePeak.Flops(Threads, ComputePrecision.BFloat16, reached: 20 * peak), 1e-6 * peak);
        Assert.True(MachinePeak.Flops(Threads, ComputePrecision.BFloat16) >= 20 * peak);
    }

    [Fact]
    public void The_best_moment_is_one_in_which_all_threads_were_at_work()
    {
        // A piece takes 10 ticks; the second thread is away from 80 to 240, in its ninth piece.
        var steady = Enumerable.Range(0, 33).Select(i => 10L * i).ToArray();
        var disturbed = steady.Select(t => t <= 80 ? t : t + 160).ToArray();
        var frequency = System.Diagnostics.Stopwatch.Frequency;
        Assert.Equal(0.1 * frequency, MachinePeak.BestMoment([steady]), 1e-6 * frequency);
        Assert.Equal(0.2 * frequency, MachinePeak.BestMoment([steady, steady]), 1e-6 * frequency);
        Assert.Equal(0.2 * frequency, MachinePeak.BestMoment([disturbed, steady]), 1e-6 * frequency);
        var late = steady.Select(t => t + 320).ToArray();
        Assert.Equal(0.1 * frequency, MachinePeak.BestMoment([steady, late]), 1e-6 * frequency);
    }
}
