using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class TrainCommandTests
{
    [Fact]
    public async Task It_says_what_it_reads_how_good_it_got_and_what_to_type_next()
    {
        using var folder = new TemporaryFolder();
        var run = await SmallRun.Train(folder);
        Assert.Contains("in 1 document", run.Output, StringComparison.Ordinal);
        Assert.Contains("GPT-2 style, 1 layers × 2 heads × 16, context 16", run.Output, StringComparison.Ordinal);
        Assert.Contains("Best validation: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("gzip -9 of the same bytes: ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"stemma generate {folder["run"]} --prompt ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.DoesNotContain('\r', run.Output);
    }

    [Fact]
    public async Task Json_is_a_line_per_record()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"]), "--json"]);
        Assert.Equal(0, run.Code);
        var records = run.Lines.Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(1 + 4 + 2 + 1, records.Length);
        Assert.True((long)records[0]["parameters"]! > 0);
        string[] ofStep = ["step", "loss", "learning_rate", "gradient_norm", "milliseconds", "tokens_per_second", "model_flop_utilisation"];
        Assert.Equal(ofStep, records[1].AsObject().Select(field => field.Key));
        Assert.Equal(["step", "validation_loss", "bits_per_byte"], records[3].AsObject().Select(field => field.Key));
        Assert.True((bool)records[^1]["finished"]!);
        Assert.True((double)records[^1]["gzip_bits_per_byte"]! > 0);
        Assert.Contains("Best validation", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_sees_a_line_that_moves()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.OnTerminal(["train", .. SmallRun.Options(folder["text.txt"], folder["run"], steps: 6)]);
        Assert.Equal(0, run.Code);
        Assert.Contains("\r\u001b[K", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"]), "--dry-run"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("4 steps of 32 tokens", run.Output, StringComparison.Ordinal);
        Assert.Contains("FLOP per token", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public async Task A_time_becomes_a_number_of_steps_that_replays()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var small = SmallRun.Options(folder["text.txt"], folder["run"]).ToArray();
        var steps = Array.IndexOf(small, "--steps");
        var run = await CommandLineRun.Of(["train", .. small[..steps], .. small[(steps + 2)..], "--time", "1s"]);
        Assert.Equal(0, run.Code);
        var count = (int)JsonNode.Parse(await File.ReadAllTextAsync(folder["run/run.json"]))!["steps"]!;
        Assert.True(count >= 1);
        Assert.Contains($"{count:N0}: what this machine makes in 0:01", run.Output, StringComparison.Ordinal);
        Assert.Equal(count, File.ReadLines(folder["run/metrics.jsonl"]).Count(line => line.Contains("\"loss\"", StringComparison.Ordinal)));
        var again = await CommandLineRun.Of("train", "--config", folder["run/run.json"], "--out", folder["again"]);
        Assert.Equal(0, again.Code);
        Assert.Equal(await File.ReadAllBytesAsync(folder["run/model.safetensors"]), await File.ReadAllBytesAsync(folder["again/model.safetensors"]));
    }

    [Fact]
    public async Task A_time_adds_no_steps_to_those_asked_for()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"]), "--time", "20s"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("at step 4", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("what this machine makes", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_from_outside_it_saves_and_says_how_to_go_on()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        using var stop = new CancellationTokenSource();
        var running = CommandLineRun.With([], false, stop.Token, ["train", .. SmallRun.Options(folder["text.txt"], folder["run"], steps: 100_000)]);
        while (!running.IsCompleted && !File.Exists(folder["run/state.json"])) await Task.Delay(20);
        await stop.CancelAsync();
        var run = await running;
        Assert.Equal(1, run.Code);
        Assert.Equal("", run.Error);
        Assert.Contains($"stemma train --resume {folder["run"]}", run.Lines[^1], StringComparison.Ordinal);
        var saved = JsonNode.Parse(await File.ReadAllTextAsync(folder["run/state.json"]))!;
        Assert.Contains($"Stopped after step {(int)saved["step"]!:N0} of 100,000, saved.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_run_that_is_resumed_says_so()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var again = await CommandLineRun.Of("train", "--resume", folder["run"]);
        Assert.Equal(0, again.Code);
        Assert.Contains("This run had ended before, after 4 steps", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_config_file_and_settings_meet_in_that_order()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var run = await CommandLineRun.Of("train", "--config", folder["run/run.json"], "--out", folder["second"], "--set", "steps=2");
        Assert.Equal(0, run.Code);
        Assert.Contains("at step 2", run.Output, StringComparison.Ordinal);
        Assert.Equal(16, (int)JsonNode.Parse(await File.ReadAllTextAsync(folder["second/run.json"]))!["model"]!["hidden_size"]!);
    }

    [Fact]
    public async Task Help_on_settings_lists_every_one()
    {
        var help = await CommandLineRun.Of("train", "--help", "settings");
        Assert.Equal(0, help.Code);
        foreach (var setting in Stemma.Configuration.Settings.All)
        {
            Assert.Contains($"  {setting.Path}  ", help.Output, StringComparison.Ordinal);
            Assert.Contains(setting.Meaning, help.Output, StringComparison.Ordinal);
        }
    }
}
