using Stemma.Models.Recurrent;
using Stemma.Optimizers;
using Stemma.Reproductions;
using Stemma.Schedules;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Reproductions;

/// <summary>Claims that train a model or read files, on texts of a few lines.</summary>
public sealed class TrainingClaimTests : IDisposable
{
    private static readonly TrainingRun s_run = new()
    {
        Model = new RnnConfig { HiddenSize = 12, LayerCount = 1, ContextLength = 10 },
        Tokenizer = new WordTokenizerConfig(),
        Optimizer = new AdamConfig(),
        Schedule = new ConstantSchedule { LearningRate = 1e-2, WarmupSteps = 0 },
        BatchSize = 4,
        Steps = 60,
        EvaluationInterval = 20,
        EvaluationTokens = 0,
        SampleTokens = 0,
    };

    private readonly TemporaryFolder _folder = new();

    public TrainingClaimTests()
    {
        foreach (var (file, lines) in ((string, int)[])[("a.txt", 400), ("b.txt", 40), ("c.txt", 40)])
            File.WriteAllText(_folder[file], string.Concat(Enumerable.Range(0, lines).Select(i => $"the {(i % 3 == 0 ? "cat" : "dog")} sees a {(i * i % 7 > 3 ? "river" : "house")}\n")));
    }

    private ReproductionContext Context => new() { DataFolder = _folder["."], RunsFolder = _folder["runs"] };

    [Fact]
    public void A_run_is_trained_once_measured_on_the_test_text_and_measured_again_without_training()
    {
        var first = TrainingClaim.Measure(Context, "tiny", s_run, "a.txt", "b.txt", "c.txt");
        var perplexity = first.Measurements.Single(measurement => measurement.Name == TrainingClaim.Perplexity).Value;
        Assert.InRange(perplexity, 1, 6);
        Assert.Equal(40 * 6 - 1, first.Measurements.Single(measurement => measurement.Name == "tokens of the test text").Value);
        Assert.Equal(4, first.Notes.Split('\n').Count(line => line.StartsWith("| ", StringComparison.Ordinal)));
        Assert.DoesNotContain(_folder["."], first.Notes, StringComparison.Ordinal);
        var written = File.GetLastWriteTimeUtc(_folder["runs/tiny/optimizer.safetensors"]);
        var again = TrainingClaim.Measure(Context, "tiny", s_run, "a.txt", "b.txt", "c.txt");
        Assert.Equal(first.Measurements, again.Measurements);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder["runs/tiny/optimizer.safetensors"]));
        var other = Assert.Throws<ConfigurationException>(() => TrainingClaim.Measure(Context, "tiny", s_run with { Steps = 61 }, "a.txt", "b.txt", "c.txt"));
        Assert.Contains("another run", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_text_has_no_test_part_the_best_weights_are_measured_on_all_that_was_held_out()
    {
        var run = s_run with { Patience = 2, EvaluationInterval = 10, Schedule = new ConstantSchedule { LearningRate = 0.3, WarmupSteps = 0 } };
        var found = TrainingClaim.MeasureHeldOut(Context, "held-out", run, "a.txt");
        var (curve, values) = (TrainingClaim.Curve(_folder["runs/held-out"]), found.Measurements.ToDictionary(measurement => measurement.Name, measurement => measurement.Value));
        var best = curve.MinBy(point => point.ValidationLoss)!;
        Assert.Equal(best.ValidationLoss, values[TrainingClaim.Loss], 1e-9);
        Assert.Equal(best.Step, values["update of the best weights"]);
        Assert.Equal(Math.Min(60, best.Step + 20), values["updates until it stopped"]);
        Assert.Equal(curve.Length, found.Notes.Split('\n').Count(line => line.StartsWith("| ", StringComparison.Ordinal)) - 1);
        Assert.DoesNotContain(_folder["."], found.Notes, StringComparison.Ordinal);
        Assert.Equal(found.Measurements, TrainingClaim.MeasureHeldOut(Context, "held-out", run, "a.txt").Measurements);
    }

    [Fact]
    public void What_a_claim_reads_must_be_there()
    {
        var claim = Claims.Find("ptb-rnn");
        Assert.Contains("--data", Assert.Throws<ConfigurationException>(() => claim.Measure(new())).Message, StringComparison.Ordinal);
        Assert.Contains("holds no ptb.train.txt", Assert.Throws<ConfigurationException>(() => claim.Measure(Context)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public void Sentences_are_read_from_their_files_and_a_line_that_is_none_is_named()
    {
        foreach (var file in (string[])["train.tsv", "dev.tsv", "test.tsv"])
            File.WriteAllText(_folder[file], string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"a fine film {i % 5}\t1\n" : $"a poor film {i % 5}\t0\n")));
        var claim = Claims.Find("text-cnn-sst2");
        Assert.Equal(100, Stemma.Reproductions.Recurrence.TextCnnClaim.Sst2(Context, seeds: 1).Measurements[0].Value);
        File.AppendAllText(_folder["test.tsv"], "no class here\n");
        Assert.Contains("Line 61 of test.tsv", Assert.Throws<ConfigurationException>(() => claim.Measure(Context)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
