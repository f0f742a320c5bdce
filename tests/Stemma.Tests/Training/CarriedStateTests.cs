using Stemma.Schedules;
using Stemma.Tests.Models.Recurrent;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

/// <summary>Runs of models that carry a state from window to window.</summary>
public sealed class CarriedStateTests : IDisposable
{
    private readonly TinyRun _tiny = new();

    public static TheoryData<string, int> Stops => [.. from kind in CarryingModels.All.Keys from stop in new[] { 7, 30 } select (kind, stop)];

    private TrainingRun Run(string kind) => _tiny.Run with
    {
        Model = CarryingModels.All[kind],
        Schedule = new ConstantSchedule { LearningRate = 1e-2, WarmupSteps = 5 },
        // 600 lines of 20 tokens: the streams begin anew within the run.
        BatchSize = 50,
        AccumulationSteps = 2,
        Steps = 60,
    };

    [Theory, MemberData(nameof(Stops))]
    public async Task A_resumed_run_equals_one_never_stopped(string kind, int stopAfter)
    {
        var (whole, parts) = (_tiny.Folder("whole"), _tiny.Folder("parts"));
        using (var session = TrainingSession.Start(Run(kind), whole)) await TinyRun.All(session);
        using (var session = TrainingSession.Start(Run(kind), parts, new() { Threads = 1 }))
        {
            using var stop = new CancellationTokenSource();
            await foreach (var step in session.Steps(stop.Token))
                if (step.Number == stopAfter) await stop.CancelAsync();
        }
        using (var session = TrainingSession.Resume(parts)) await TinyRun.All(session);
        Assert.Equal(TinyRun.Metrics(whole), TinyRun.Metrics(parts));
        foreach (var file in (string[])["config.json", "model.safetensors", "optimizer.safetensors"]) Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(parts, file)));
    }

    [Fact]
    public async Task A_run_learns_and_its_model_continues_a_prompt()
    {
        var folder = _tiny.Folder("run");
        using (var session = TrainingSession.Start(Run("lstm") with { BatchSize = 8, AccumulationSteps = 1, Steps = 250, EvaluationInterval = 0 }, folder))
        {
            var steps = await TinyRun.All(session);
            Assert.True(steps[^1].Loss < 0.7 * steps[0].Loss, $"{steps[0].Loss} → {steps[^1].Loss}");
            Assert.True(session.Final!.LossNatsPerToken < 0.7 * steps[0].Loss);
        }
        using var model = LanguageModel.Load(folder);
        var text = string.Concat(model.Generate("The cat", new() { MaxTokens = 30, Temperature = 0 }));
        Assert.Equal(30, text.Length);
    }

    [Fact]
    public void A_plan_counts_what_a_step_takes()
    {
        var plan = TrainingPlan.Of(Run("lstm") with { Model = CarryingModels.All["lstm"] with { VocabSize = 100 } });
        // Vectors of 12, two layers of 4 · 12 rows over 24 columns with two biases, a projection with its bias.
        var layers = 2 * (4 * 12 * 24 + 2 * 4 * 12);
        Assert.Equal(100 * 12 + layers + 100 * 13, plan.ParameterCount);
        Assert.Equal(6.0 * (2 * 4 * 12 * 24 + 100 * 12) * plan.TokensPerStep, plan.FlopsPerStep);
        Assert.True(plan.PeakBytes > plan.WeightBytes);
    }

    [Fact]
    public async Task Words_of_a_text_with_a_held_out_one_of_its_own()
    {
        var heldOut = _tiny.Folder("held-out.txt");
        File.WriteAllText(heldOut, "The cat sees a river.\nA dog hears something else.\n");
        var run = Run("lstm") with { Data = new() { Source = _tiny.Text, Validation = heldOut }, Tokenizer = new WordTokenizerConfig { VocabSize = 14 }, Steps = 2, AccumulationSteps = 1 };
        using var session = TrainingSession.Start(run, _tiny.Folder("words"));
        await TinyRun.All(session);
        Assert.Equal(14, session.Tokenizer.VocabSize);
        // Five words a line and its end, and no end of the document beside it.
        Assert.Equal((12, 2), (session.Data.ValidationTokens, session.Data.Documents));
        Assert.Throws<FileNotFoundException>(() => TrainingSession.Start(run with { Data = run.Data with { Validation = _tiny.Folder("nowhere") } }, _tiny.Folder("none")));
        Assert.False(Directory.Exists(_tiny.Folder("none")));
    }

    public void Dispose() => _tiny.Dispose();
}
