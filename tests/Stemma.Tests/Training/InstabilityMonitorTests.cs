using Stemma.Numerics;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class InstabilityMonitorTests
{
    [Fact]
    public void A_healthy_training_raises_no_flag()
    {
        var (monitor, random) = (new InstabilityMonitor(), new RandomStream(1));
        for (var step = 0UL; step < 3000; step++)
            Assert.Equal(Instability.None, monitor.Observe(1.5 + 3 * Math.Exp(-(double)step / 300) + 0.08 * random.Normal(2 * step), (0.5 + Math.Exp(-(double)step / 100)) * Math.Exp(0.2 * random.Normal(2 * step + 1))));
    }

    [Fact]
    public void Spikes_are_flagged_for_what_they_are()
    {
        Assert.Equal(Instability.Loss, After(4.0, 1.0));
        Assert.Equal(Instability.Gradient, After(2.0, 9.0));
        Assert.Equal(Instability.Loss | Instability.Gradient, After(9.0, 50));
        Assert.Equal(Instability.None, After(1.0, 0.1));   // down is no spike

        static Instability After(double loss, double norm)
        {
            var (monitor, random) = (new InstabilityMonitor(), new RandomStream(2));
            for (var step = 0UL; step < 40; step++) monitor.Observe(2 + 0.05 * random.Normal(2 * step), 1 + 0.1 * random.Normal(2 * step + 1));
            return monitor.Observe(loss, norm);
        }
    }

    [Fact]
    public async Task A_run_that_blows_up_says_so_and_a_resumed_one_says_the_same()
    {
        using var tiny = new TinyRun();
        // Sound until the rate jumps: a hundred times too large from step 25 on.
        var run = tiny.Run with { Steps = 40, GradientClip = 0, EvaluationInterval = 20, Schedule = new Stemma.Schedules.ExponentialSchedule { LearningRate = 1e-4, FinalLearningRate = 30, WarmupSteps = 0 } };
        using var whole = TrainingSession.Start(run, tiny.Folder("whole"));
        var steps = await TinyRun.All(whole);
        Assert.Contains(steps, step => step.Instability != Instability.None);
        Assert.Contains(TinyRun.Metrics(tiny.Folder("whole")), line => line.Contains("\"unstable\":\"", StringComparison.Ordinal));
        using (var first = TrainingSession.Start(run, tiny.Folder("parts")))
        {
            using var stop = new CancellationTokenSource();
            await foreach (var step in first.Steps(stop.Token))
                if (step.Number == 22) await stop.CancelAsync();
        }
        using var second = TrainingSession.Resume(tiny.Folder("parts"));
        await TinyRun.All(second);
        Assert.Equal(TinyRun.Metrics(tiny.Folder("whole")), TinyRun.Metrics(tiny.Folder("parts")));
    }
}
