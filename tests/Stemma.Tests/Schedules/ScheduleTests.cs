using System.Text.Json;
using Stemma.Schedules;
using Xunit;

namespace Stemma.Tests.Schedules;

/// <summary>Learning rates against the schedules of Hugging Face's transformers.</summary>
public sealed class ScheduleTests
{
    private const double Base = 3e-4;

    private static readonly JsonElement Cases = Golden.Load("layers/lr_schedules.json").At("cases");

    public static TheoryData<string, Schedule, int> Schedules => new()
    {
        { "constant_with_warmup", new ConstantSchedule { LearningRate = Base, WarmupSteps = 5 }, 33 },
        { "linear_with_warmup", new LinearSchedule { LearningRate = Base, WarmupSteps = 5 }, 30 },
        { "linear_no_warmup", new LinearSchedule { LearningRate = Base, WarmupSteps = 0 }, 30 },
        { "cosine_with_warmup", new CosineSchedule { LearningRate = Base, WarmupSteps = 5, FinalLearningRate = 0 }, 30 },
        { "cosine_with_min_lr", new CosineSchedule { LearningRate = Base, WarmupSteps = 5, FinalLearningRate = 3e-5 }, 30 },
        { "inverse_sqrt", new InverseSquareRootSchedule { LearningRate = Base, WarmupSteps = 5 }, 33 },
        { "warmup_stable_decay", new WarmupStableDecaySchedule { LearningRate = Base, WarmupSteps = 5, DecaySteps = 10, FinalLearningRate = 3e-5 }, 30 },
        { "torch_step_lr", new StepSchedule { LearningRate = Base, WarmupSteps = 0, StableSteps = 7, IntervalSteps = 7, Factor = 0.3 }, 33 },
    };

    [Theory, MemberData(nameof(Schedules))]
    public void Rates_are_the_originals(string name, Schedule schedule, int totalSteps)
    {
        var expected = Cases.EnumerateArray().Single(c => c.At("name").GetString() == name).At("lr").Doubles();
        // Some of the original's rates rise again after the end; here the final rate holds.
        for (var step = 0; step < expected.Length; step++)
            Assert.Equal(expected[Math.Min(step, totalSteps)], schedule.Rate(step, totalSteps), Base * 1e-8);
    }

    public static TheoryData<Schedule> Kinds =>
    [
        new ConstantSchedule { WarmupSteps = 10 }, new LinearSchedule { WarmupSteps = 10, FinalLearningRate = 1e-5 }, new CosineSchedule { WarmupSteps = 10 },
        new InverseSquareRootSchedule { WarmupSteps = 10 }, new InverseSquareRootSchedule { WarmupSteps = 0 },
        new WarmupStableDecaySchedule { WarmupSteps = 10, DecaySteps = 30 }, new WarmupStableDecaySchedule { WarmupSteps = 10, DecaySteps = 300 },
        new StepSchedule { WarmupSteps = 10, StableSteps = 15, IntervalSteps = 4 }, new StepSchedule { WarmupSteps = 0, StableSteps = 0, IntervalSteps = 7, Factor = 1 / 1.2 },
    ];

    [Theory, MemberData(nameof(Kinds))]
    public void Rates_rise_then_never_rise_again_and_hold_after_the_end(Schedule schedule)
    {
        foreach (var total in (int[])[1, 5, 10, 11, 100])
        {
            var rates = Enumerable.Range(0, total + 50).Select(step => schedule.Rate(step, total)).ToArray();
            Assert.All(rates, rate => Assert.InRange(rate, 0, schedule.LearningRate * (1 + 1e-12)));
            for (var step = 1; step < rates.Length; step++)
            {
                if (step <= Math.Min(schedule.WarmupSteps, total)) Assert.True(rates[step] > rates[step - 1]);
                else Assert.True(rates[step] <= rates[step - 1]);
                if (step > total) Assert.Equal(rates[total], rates[step]);
            }
        }
    }

    [Fact]
    public void The_last_rate_is_the_final_one()
    {
        Assert.Equal(1e-5, new LinearSchedule { WarmupSteps = 10, FinalLearningRate = 1e-5 }.Rate(100, 100), 1e-15);
        Assert.Equal(1e-4, new CosineSchedule { WarmupSteps = 10 }.Rate(100, 100), 1e-15);
        Assert.Equal(2e-5, new WarmupStableDecaySchedule { WarmupSteps = 10, DecaySteps = 300, FinalLearningRate = 2e-5 }.Rate(100, 100), 1e-15);
    }

    [Fact]
    public void An_exponential_schedule_goes_by_equal_factors_either_way()
    {
        foreach (var (first, last) in ((double, double)[])[(1e-6, 1), (1e-2, 1e-5)])
        {
            var schedule = new ExponentialSchedule { LearningRate = first, FinalLearningRate = last, WarmupSteps = 0 };
            for (var step = 0; step <= 60; step++) Assert.Equal(first * Math.Pow(last / first, step / 60.0), schedule.Rate(step, 60), 1e-12);
            Assert.Equal(last, schedule.Rate(100, 60), 1e-12);
        }
        var warm = new ExponentialSchedule { LearningRate = 1e-2, FinalLearningRate = 1e-4, WarmupSteps = 10 };
        Assert.Equal((0, 5e-3, 1e-2), (warm.Rate(0, 50), warm.Rate(5, 50), warm.Rate(10, 50)));
        Assert.Equal(1e-3, warm.Rate(30, 50), 1e-12);
    }
}
