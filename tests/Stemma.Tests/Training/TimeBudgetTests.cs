using Stemma.Models.Gpt2;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class TimeBudgetTests
{
    // 1,000 tokens an update.
    private static readonly TrainingRun s_run = new() { Model = new Gpt2Config { ContextLength = 100 }, BatchSize = 10, EvaluationInterval = 0 };

    [Fact]
    public void Time_is_divided_by_the_time_of_a_step() =>
        // A hundred seconds, ten gone, and two evaluations of nothing: ninety seconds of half a second each.
        Assert.Equal(180, new TimeBudget(TimeSpan.FromSeconds(100)).Steps(s_run, 0, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10)));

    [Fact]
    public void Evaluations_are_part_of_the_time()
    {
        var budget = new TimeBudget(TimeSpan.FromSeconds(100));
        var (step, run) = (TimeSpan.FromSeconds(0.5), s_run with { EvaluationInterval = 10, EvaluationTokens = 10_000 });
        var (without, with) = (budget.Steps(s_run, 20_000, step, default), budget.Steps(run, 20_000, step, default));
        // An evaluation of 10,000 tokens is ten steps' worth of tokens, at more than the third of a step that the forward pass takes.
        Assert.InRange(with, without / 1.7, without / 1.3);
    }

    [Fact]
    public void A_faster_machine_is_held_to_the_most_and_the_slowest_makes_a_step()
    {
        var budget = new TimeBudget(TimeSpan.FromSeconds(100), MostSteps: 50);
        Assert.Equal(50, budget.Steps(s_run, 0, TimeSpan.FromSeconds(0.01), default));
        Assert.Equal(1, budget.Steps(s_run, 0, TimeSpan.FromHours(1), default));
    }

    [Fact]
    public void Steps_that_other_work_slows_down_for_a_moment_do_not_count()
    {
        // The first 20 compile; then other programs take the machine for half of the rest.
        var steps = Enumerable.Range(0, 40).Select(i => new TrainingStep(i + 1, 1, 1, 1, i < 20 ? 900 : i % 2 == 0 ? 100 : 300, 1, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(100), new TimeBudget(TimeSpan.FromHours(1)).Measure(steps));
    }

    [Fact]
    public async Task The_steps_are_written_before_the_first()
    {
        using var tiny = new TinyRun();
        var folder = tiny.Folder("run");
        using var session = TrainingSession.Start(tiny.Run, folder, new() { Budget = new(TimeSpan.FromSeconds(0.1), MostSteps: 12) });
        Assert.InRange(session.Run.Steps, 1, 12);
        Assert.Contains($"\"steps\": {session.Run.Steps},", await File.ReadAllTextAsync(Path.Combine(folder, "run.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(session.Run.Steps, (await TinyRun.All(session, TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task Measuring_changes_no_bit()
    {
        using var tiny = new TinyRun();
        var (measured, plain) = (tiny.Folder("measured"), tiny.Folder("plain"));
        using (var session = TrainingSession.Start(tiny.Run, measured, new() { Budget = new(TimeSpan.FromMinutes(5), MostSteps: 12) })) await TinyRun.All(session, TestContext.Current.CancellationToken);
        using (var session = TrainingSession.Start(tiny.Run with { Steps = 12 }, plain)) await TinyRun.All(session, TestContext.Current.CancellationToken);
        Assert.Equal(TinyRun.Metrics(plain), TinyRun.Metrics(measured));
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(plain, "model.safetensors"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(measured, "model.safetensors"), TestContext.Current.CancellationToken));
    }
}
