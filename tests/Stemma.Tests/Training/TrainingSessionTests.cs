using Stemma.Models.Gpt2;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

public sealed class TrainingSessionTests : IDisposable
{
    private readonly TinyRun _tiny = new();

    [Fact]
    public async Task A_run_learns_and_leaves_a_folder_that_others_can_open()
    {
        var folder = _tiny.Folder("run");
        using var session = TrainingSession.Start(_tiny.Run with { Steps = 60 }, folder);
        var steps = await TinyRun.All(session);
        Assert.Equal(60, steps.Count);
        Assert.True(steps[^1].Loss < 0.8 * steps[0].Loss, $"{steps[0].Loss} → {steps[^1].Loss}");
        Assert.Equal(6, steps.Count(step => step.Evaluation is not null));
        Assert.NotNull(session.Final);
        foreach (var file in (string[])["config.json", "model.safetensors", "tokenizer.json", "generation_config.json", "run.json", "metrics.jsonl", "optimizer.safetensors", "state.json"])
            Assert.True(File.Exists(Path.Combine(folder, file)), file);
        Assert.Empty(Directory.EnumerateFiles(folder, "*.tmp*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_tokenizer_that_is_not_the_models_is_refused()
    {
        var folder = _tiny.Folder("run");
        using (var session = TrainingSession.Start(_tiny.Run with { Steps = 2 }, folder)) await TinyRun.All(session);
        using (LanguageModel.Load(folder)) { }
        new Stemma.Text.Tokenizers.Characters.CharacterTrainer().Train(["abc"]).Save(Path.Combine(folder, "tokenizer.json"));
        Assert.Contains("do not belong together", Assert.Throws<CheckpointException>(() => LanguageModel.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loss_before_training_is_that_of_guessing()
    {
        using var session = TrainingSession.Start(_tiny.Run with { Model = _tiny.Run.Model with { ContextLength = 16 } });
        var step = session.Steps(TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).First();
        Assert.Equal(Math.Log(session.Tokenizer.VocabSize), step.Loss, 0.1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(17)]
    public async Task A_resumed_run_equals_one_never_stopped(int stopAfter)
    {
        var (whole, parts) = (_tiny.Folder("whole"), _tiny.Folder("parts"));
        using (var session = TrainingSession.Start(_tiny.Run, whole)) await TinyRun.All(session);
        using (var session = TrainingSession.Start(_tiny.Run, parts))
        {
            using var stop = new CancellationTokenSource();
            await foreach (var step in session.Steps(stop.Token))
                if (step.Number == stopAfter) await stop.CancelAsync();
            Assert.True(session.StepsDone >= stopAfter);
        }
        using (var session = TrainingSession.Resume(parts)) await TinyRun.All(session);
        Assert.Equal(TinyRun.Metrics(whole), TinyRun.Metrics(parts));
        foreach (var file in (string[])["model.safetensors", "optimizer.safetensors"]) Assert.Equal(File.ReadAllBytes(Path.Combine(whole, file)), File.ReadAllBytes(Path.Combine(parts, file)));
    }

    [Fact]
    public async Task Metrics_after_the_last_checkpoint_are_cut_off_on_resume()
    {
        var (whole, killed) = (_tiny.Folder("whole"), _tiny.Folder("killed"));
        using (var session = TrainingSession.Start(_tiny.Run, whole)) await TinyRun.All(session);
        using (var session = TrainingSession.Start(_tiny.Run with { Steps = 30 }, killed))
        {
            // What a kill between two checkpoints leaves: the files of step 20 and the metrics of step 25.
            await foreach (var step in session.Steps(TestContext.Current.CancellationToken))
            {
                if (step.Number == 20) foreach (var file in (string[])["optimizer.safetensors", "model.safetensors"]) File.Copy(Path.Combine(killed, file), Path.Combine(killed, file + ".kept"));
            }
        }
        foreach (var file in (string[])["optimizer.safetensors", "model.safetensors"]) File.Move(Path.Combine(killed, file + ".kept"), Path.Combine(killed, file), overwrite: true);
        using (var session = TrainingSession.Resume(killed))
        {
            Assert.Equal(20, session.StepsDone);
            await TinyRun.All(session);
        }
        Assert.Equal(TinyRun.Metrics(whole), TinyRun.Metrics(killed));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "optimizer.safetensors")), File.ReadAllBytes(Path.Combine(killed, "optimizer.safetensors")));
    }

    [Fact]
    public async Task A_run_without_a_checkpoint_resumes_from_its_beginning()
    {
        var (whole, killed) = (_tiny.Folder("whole"), _tiny.Folder("killed"));
        using (var session = TrainingSession.Start(_tiny.Run, whole)) await TinyRun.All(session);
        Directory.CreateDirectory(killed);
        File.Copy(Path.Combine(whole, "run.json"), Path.Combine(killed, "run.json"));
        using (var session = TrainingSession.Resume(killed)) await TinyRun.All(session);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "optimizer.safetensors")), File.ReadAllBytes(Path.Combine(killed, "optimizer.safetensors")));
    }

    [Fact]
    public async Task The_thread_count_changes_no_bit()
    {
        foreach (var threads in (int[])[1, 2, 3])
        {
            using var session = TrainingSession.Start(_tiny.Run, _tiny.Folder($"threads-{threads}"), new() { Threads = threads });
            await TinyRun.All(session);
        }
        var one = File.ReadAllBytes(Path.Combine(_tiny.Folder("threads-1"), "optimizer.safetensors"));
        Assert.Equal(one, File.ReadAllBytes(Path.Combine(_tiny.Folder("threads-2"), "optimizer.safetensors")));
        Assert.Equal(one, File.ReadAllBytes(Path.Combine(_tiny.Folder("threads-3"), "optimizer.safetensors")));
        Assert.Equal(TinyRun.Metrics(_tiny.Folder("threads-1")), TinyRun.Metrics(_tiny.Folder("threads-2")));
    }

    [Fact]
    public async Task Accumulated_parts_equal_one_big_batch()
    {
        var run = _tiny.Run with { Steps = 10, Model = ((Gpt2Config)_tiny.Run.Model) with { Dropout = 0 } };
        using var big = TrainingSession.Start(run with { BatchSize = 8 });
        using var parts = TrainingSession.Start(run with { BatchSize = 2, AccumulationSteps = 4 });
        var (expected, actual) = (await TinyRun.All(big), await TinyRun.All(parts));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Loss, actual[i].Loss, 1e-5 * expected[i].Loss);
            Assert.Equal(expected[i].GradientNorm, actual[i].GradientNorm, 1e-3 * expected[i].GradientNorm);
        }
    }

    [Fact]
    public async Task Rising_evaluations_stop_a_run_early_and_leave_the_best_weights()
    {
        var run = _tiny.Run with { Steps = 200, EvaluationInterval = 2, Patience = 3, Schedule = new ConstantSchedule { LearningRate = 0.3, WarmupSteps = 0 }, GradientClip = 0 };
        using var session = TrainingSession.Start(run, _tiny.Folder("early"));
        var steps = await TinyRun.All(session);
        Assert.True(session.IsFinished);
        Assert.True(steps.Count < 200);
        Assert.Equal(session.BestStep + 6, steps.Count);
        Assert.Equal(steps.Where(step => step.Evaluation is not null).Min(step => step.Evaluation!.LossNatsPerToken), session.Best!.LossNatsPerToken);
    }

    [Fact]
    public async Task A_gradient_that_is_not_finite_is_named()
    {
        var run = _tiny.Run with { Steps = 200, Schedule = new ConstantSchedule { LearningRate = 1e30, WarmupSteps = 0 }, GradientClip = 0, Optimizer = new SgdConfig() };
        using var session = TrainingSession.Start(run);
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => TinyRun.All(session));
        Assert.Matches(@"^Step \d+: the (weight|gradient of) \S*transformer\.\S+ is not finite", error.Message);
    }

    [Fact]
    public void A_reader_that_leaves_early_stops_the_trainer()
    {
        using var session = TrainingSession.Start(_tiny.Run with { Steps = 100_000 });
        Assert.Equal(2, session.Steps(TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).Take(2).Count());
        Assert.True(session.StepsDone < 1000);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_refused_and_left_alone()
    {
        using (TrainingSession.Start(_tiny.Run, _tiny.Folder("taken"))) { }
        var before = Directory.EnumerateFiles(_tiny.Folder("taken")).Order().ToArray();
        var error = Assert.Throws<ConfigurationException>(() => TrainingSession.Start(_tiny.Run, _tiny.Folder("taken")));
        Assert.Contains("already holds a run", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.EnumerateFiles(_tiny.Folder("taken")).Order());
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    public void A_folder_of_a_model_is_no_place_for_a_run(string file)
    {
        var model = _tiny.Folder("published");
        Directory.CreateDirectory(model);
        File.WriteAllText(Path.Combine(model, file), "of another");
        var error = Assert.Throws<ConfigurationException>(() => TrainingSession.Start(_tiny.Run, model));
        Assert.Contains($"has a {file}, which a run would replace", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(model, file)], Directory.GetFileSystemEntries(model));
        Assert.Equal("of another", File.ReadAllText(Path.Combine(model, file)));
    }

    [Fact]
    public void A_folder_in_which_a_run_is_under_way_is_kept_from_others()
    {
        var folder = _tiny.Folder("busy");
        using (TrainingSession.Start(_tiny.Run, folder))
        {
            var half = Path.Combine(folder, "model.safetensors.tmp");
            File.WriteAllText(half, "being written");
            Assert.Contains("is in use", Assert.Throws<ConfigurationException>(() => TrainingSession.Resume(folder)).Message, StringComparison.Ordinal);
            Assert.True(File.Exists(half));
        }
        using (TrainingSession.Resume(folder)) { }
        Assert.False(File.Exists(Path.Combine(folder, ".lock")));

        // Another kind of work, where no run is yet: nothing is written beside it.
        var other = _tiny.Folder("other");
        using (FolderLock.Take(other))
        {
            Assert.Contains("is in use", Assert.Throws<ConfigurationException>(() => TrainingSession.Start(_tiny.Run, other)).Message, StringComparison.Ordinal);
            Assert.False(FolderLock.HoldsAnything(other));
        }
    }

    [Fact]
    public void Too_little_text_is_refused_and_nothing_is_left_behind()
    {
        File.WriteAllText(_tiny.Text, new string('x', 200) + new string('y', 40));
        var run = _tiny.Run with { Model = _tiny.Run.Model with { ContextLength = 512 } };
        var error = Assert.Throws<ConfigurationException>(() => TrainingSession.Start(run, _tiny.Folder("short")));
        Assert.Contains("a context of 512 tokens needs at least", error.Message, StringComparison.Ordinal);
        Assert.Contains("--set model.context_length=", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_tiny.Folder("short")));
    }

    public void Dispose() => _tiny.Dispose();
}
