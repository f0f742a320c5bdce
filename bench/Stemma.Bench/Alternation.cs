using System.Diagnostics;
using System.Text.Json;
using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>A training step alternating with any other program's, so that a slow moment of the machine falls on both.</summary>
internal static class Alternation
{
    /// <summary>Prints every round and the medians.</summary>
    /// <param name="time">Runs so many steps and gives the milliseconds of each.</param>
    /// <param name="rounds">Turns of each side.</param>
    /// <param name="steps">Steps of ours in a turn.</param>
    /// <param name="tokens">Tokens of a step.</param>
    /// <param name="flops">Operations of a step.</param>
    /// <param name="peer">Prints one JSON line with <c>median_ms</c>, milliseconds per step, as its last line; empty for none.</param>
    public static void Run(Func<int, List<double>> time, int rounds, int steps, int tokens, double flops, string peer)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        var best = double.PositiveInfinity;
        var (allocated, collections) = (GC.GetTotalAllocatedBytes(precise: true), GC.CollectionCount(1));
        for (var round = 1; round <= rounds; round++)
        {
            var times = time(steps);
            ours.Add(Median(times));
            best = Math.Min(best, times.Min());
            if (peer.Length > 0) theirs.Add(Peer(peer));
            Console.WriteLine(theirs.Count == 0 ? $"round {round}: {ours[^1]:F1} ms/step" : $"round {round}: {ours[^1]:F1} ms/step, peer {theirs[^1]:F1} ms/step, ratio {theirs[^1] / ours[^1]:F2}");
        }
        Console.WriteLine($"median {Median(ours):F1} ms/step (best round {ours.Min():F1}, best step {best:F1}), {1000 * tokens / Median(ours):N0} tokens/s, {flops * 1e-6 / Median(ours):F0} GFLOP/s, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
        Console.WriteLine($"managed allocation {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / 1024.0 / (rounds * steps):F1} KB a step, {GC.CollectionCount(1) - collections} collections beyond generation 0 in {rounds * steps} steps; tensors at most {Memory.PeakBytes >> 20} MB");
        if (theirs.Count > 0) Console.WriteLine($"peer median {Median(theirs):F1} ms/step (best round {theirs.Min():F1}); ratio of medians {Median(theirs) / Median(ours):F2}, median of the rounds' ratios {Median([.. theirs.Zip(ours, (t, o) => t / o)]):F2}");
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
