using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Optimizers;
using Stemma.Tests.Cli;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

/// <summary>What is declared before a run is what the run takes.</summary>
public sealed class TrainingPlanTests : IDisposable
{
    private const double Tolerance = 0.15;

    private readonly TinyRun _tiny = new();

    public static TheoryData<string, TrainingRun> Runs => new()
    {
        { "adamw", new() { BatchSize = 4, Model = new Gpt2Config { LayerCount = 2, HeadCount = 2, HiddenSize = 64, ContextLength = 64 } } },
        { "dropout", new() { BatchSize = 3, Model = new Gpt2Config { LayerCount = 3, HeadCount = 4, HiddenSize = 32, ContextLength = 48, Dropout = 0.2 } } },
        { "sgd, accumulated", new() { BatchSize = 2, AccumulationSteps = 8, Optimizer = new SgdConfig(), Model = new Gpt2Config { LayerCount = 1, HeadCount = 1, HiddenSize = 128, ContextLength = 32 } } },
        { "bfloat16", new() { BatchSize = 4, Precision = ComputePrecision.BFloat16, Model = new Gpt2Config { LayerCount = 2, HeadCount = 2, HiddenSize = 64, ContextLength = 64 } } },
        { "checkpointing", new() { BatchSize = 8, Checkpointing = true, Model = new Gpt2Config { LayerCount = 4, HeadCount = 2, HiddenSize = 64, ContextLength = 64 } } },
        // Activations of more than 4 MB, which are given up and computed again.
        { "recomputed", new() { BatchSize = 8, Model = new Gpt2Config { LayerCount = 2, HeadCount = 2, HiddenSize = 256, ContextLength = 256 } } },
        { "momentum", new() { BatchSize = 16, Optimizer = new SgdConfig { Momentum = 0.9 }, Model = new Gpt2Config { LayerCount = 1, HeadCount = 2, HiddenSize = 16, ContextLength = 64 } } },
    };

    [Theory, MemberData(nameof(Runs))]
    public void Memory_is_as_planned(string name, TrainingRun run)
    {
        run = run with { Data = _tiny.Text, Tokenizer = new CharacterTokenizerConfig(), EvaluationInterval = 0, Model = run.Model with { VocabSize = 64 } };
        var plan = TrainingPlan.Of(run);
        using var data = RunData.Prepare(run, null, new(), CancellationToken.None);
        using var watch = Memory.Watch();
        var model = run.Model.Build(new Weights(new InitialWeights(1), Device.CreateCpu(2, run.Precision)));
        Assert.Equal(plan.WeightBytes, watch.UsedBytes);
        var loop = new TrainingLoop(run, model, data, null);
        Assert.Equal(plan.WeightBytes + plan.OptimizerBytes, watch.UsedBytes);
        Assert.Equal(1, loop.Run(CancellationToken.None).First().Number);
        Assert.True(Math.Abs(plan.PeakBytes - watch.PeakBytes) <= Tolerance * watch.PeakBytes, $"{name}: {plan.PeakBytes:N0} bytes planned, {watch.PeakBytes:N0} used.");
        Assert.True(plan.PeakBytes > plan.WeightBytes + plan.OptimizerBytes + Math.Max(plan.ActivationBytes, plan.GradientBytes) / 2);
        Assert.Equal(model.Parameters.Sum(weight => weight.Shape.Count), plan.ParameterCount);
        Assert.Equal(model.TrainingFlopsPerToken(run.Model.ContextLength) * run.BatchSize * run.AccumulationSteps * run.Model.ContextLength * run.Steps, plan.FlopsPerRun, 1.0);
        Assert.Equal(2, plan.TimeAt(plan.FlopsPerRun / 2).TotalSeconds, 1e-6);
    }

    [Fact]
    public void The_parameters_of_gpt2_small_are_those_published()
    {
        var plan = TrainingPlan.Of(new() { BatchSize = 1, Model = Gpt2Config.Small with { VocabSize = 50257 } });
        Assert.Equal(124_439_808, plan.ParameterCount);
        Assert.InRange(plan.WeightBytes, 4 * plan.ParameterCount, 4.3 * plan.ParameterCount);
        Assert.InRange(plan.OptimizerBytes, 8 * plan.ParameterCount, 8.6 * plan.ParameterCount);
    }

    [Fact]
    public void Activations_grow_with_the_batch_and_the_weights_do_not()
    {
        TrainingPlan Of(int batch) => TrainingPlan.Of(new() { BatchSize = batch, Model = Gpt2Config.Tiny with { VocabSize = 65 } });
        var (one, eight) = (Of(1), Of(8));
        Assert.Equal(one.WeightBytes, eight.WeightBytes);
        Assert.InRange((double)eight.ActivationBytes / one.ActivationBytes, 6, 9);
    }

    [Fact]
    public void A_watch_sees_its_own_thread_alone()
    {
        using var outer = Memory.Watch();
        using (Memory.Scope())
        {
            Tensor.Zeros([1000]);
            using var inner = Memory.Watch();
            Tensor.Zeros([2000]);
            var other = new Thread(() =>
            {
                using var scope = Memory.Scope();
                Tensor.Zeros([100_000]);
            });
            other.Start();
            other.Join();
            Assert.InRange(inner.PeakBytes, 8000, 9000);
            Assert.Equal(inner.PeakBytes, inner.UsedBytes);
        }
        Assert.InRange(outer.PeakBytes, 12_000, 13_500);
        Assert.Equal(0, outer.UsedBytes);
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_as_json()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"]), "--dry-run", "--json"]);
        Assert.Equal(0, run.Code);
        var record = JsonNode.Parse(Assert.Single(run.Lines))!;
        var plan = record["plan"]!;
        Assert.Equal((long)record["parameters"]!, (long)plan["parameters"]!);
        Assert.Equal(4 * (double)plan["flops_per_step"]!, (double)plan["flops_per_run"]!);
        Assert.True((long)plan["peak_bytes"]! > (long)plan["weight_bytes"]! + (long)plan["optimizer_bytes"]! + (long)plan["activation_bytes"]!);
        Assert.True((double)plan["seconds_at_peak"]! >= 0);
        Assert.Contains("at the peak of a step", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _tiny.Dispose();
}
