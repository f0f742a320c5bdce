using System.Diagnostics;
using System.Runtime.InteropServices;
using Stemma.Cli;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>The command as a process of its own: its streams, its exit code, its signals.</summary>
public sealed class ProcessTests
{
    private static readonly string Program = typeof(CommandContext).Assembly.Location;

    [Fact]
    public async Task An_error_goes_to_standard_error_with_its_exit_code()
    {
        using var process = Start("train", "--data", "nowhere.txt");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
        Assert.Equal("", await output);
        Assert.StartsWith("There is no file or folder nowhere.txt.", await error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_twice_at_once_it_still_saves()
    {
        if (OperatingSystem.IsWindows()) return;    // there Ctrl-C reaches a console, not a process
        Assert.SkipWhen(IgnoresInterrupts(), "Interrupts are ignored here, and so in every process started from here: a shell does that to what it runs in the background.");
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        using var process = Start(["train", .. SmallRun.Options(folder["text.txt"], folder["run"], steps: 1_000_000), "--set", "evaluation_interval=0"]);
        var output = process.StandardOutput.ReadToEndAsync();
        var metrics = folder["run/metrics.jsonl"];
        while (!process.HasExited && !(File.Exists(metrics) && new FileInfo(metrics).Length > 0)) await Task.Delay(20);
        Assert.Equal(0, Kill(process.Id, 2));
        Assert.Equal(0, Kill(process.Id, 2));
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains($"stemma train --resume {folder["run"]}", await output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["run/state.json"]));
    }

    [Fact]
    public async Task A_processor_level_that_is_not_there_is_refused_in_one_sentence()
    {
        using var process = Start(["doctor"], level: "turbo");
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(2, process.ExitCode);
        Assert.StartsWith("STEMMA_CPU is \"turbo\", which is no processor level; use portable, ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status", Field = "SigIgn:";
        if (!File.Exists(Status)) return false;
        var mask = File.ReadLines(Status).First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..].Trim();
        return (Convert.ToUInt64(mask, 16) & 2) != 0;    // signal 2, counted from 1
    }

    private static Process Start(params string[] args) => Start(args, null);

    private static Process Start(string[] args, string? level)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", ["exec", Program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (level != null) start.Environment[ProcessorLevels.Variable] = level;
        return Process.Start(start)!;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
