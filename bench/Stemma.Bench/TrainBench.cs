using System.Diagnostics;
using System.Text.Json;
using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>
/// A training step of a preset, alternating with any other program's: <c>train --preset cpu --peer "peer.sh cpu fp32"</c>. The
/// peer prints one JSON line with <c>median_ms</c>, milliseconds per step, as its last line of output.
/// </summary>
internal static class TrainBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (config, batch) = TrainingStep.Preset(options.Text("--preset", "cpu"));
        var precision = TrainingStep.Precision(options.Text("--precision", "float32"));
        int rounds = options.Number("--rounds", 5), steps = options.Number("--steps", 20), threads = options.Number("--threads", 2);
        var peer = options.Text("--peer", "");
        options.RequireAllUsed();

        var trainer = new TrainingStep(config, batch, Device.CreateCpu(threads, precision));
        trainer.Time(3);
        var (ours, theirs) = (new List<double>(), new List<double>());
        var (allocated, collections) = (GC.GetTotalAllocatedBytes(precise: true), GC.CollectionCount(1));
        for (var round = 1; round <= rounds; round++)
        {
            ours.Add(Median(trainer.Time(steps)));
            if (peer.Length > 0) theirs.Add(Peer(peer));
            Console.WriteLine(theirs.Count == 0 ? $"round {round}: {ours[^1]:F1} ms/step" : $"round {round}: {ours[^1]:F1} ms/step, peer {theirs[^1]:F1} ms/step, ratio {theirs[^1] / ours[^1]:F2}");
        }
        var tokens = batch * config.ContextLength;
        Console.WriteLine($"median {Median(ours):F1} ms/step (best {ours.Min():F1}), {1000 * tokens / Median(ours):N0} tokens/s, {trainer.Flops * 1e-6 / Median(ours):F0} GFLOP/s, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
        Console.WriteLine($"managed allocation {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / 1024.0 / (rounds * steps):F1} KB a step, {GC.CollectionCount(1) - collections} collections beyond generation 0 in {rounds * steps} steps; tensors at most {Memory.PeakBytes >> 20} MB");
        if (theirs.Count > 0) Console.WriteLine($"peer median {Median(theirs):F1} ms/step (best {theirs.Min():F1}); ratio of medians {Median(theirs) / Median(ours):F2}, median of the rounds' ratios {Median([.. theirs.Zip(ours, (t, o) => t / o)]):F2}");
        return 0;
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Peer(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The peer ended with exit code {process.ExitCode}.");
        using var json = JsonDocument.Parse(output.Split('\n')[^1]);
        return json.RootElement.GetProperty("median_ms").GetDouble();
    }
}
