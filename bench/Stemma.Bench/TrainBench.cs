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
        var preset = options.Text("--preset", "cpu");
        var precision = options.Precision();
        int rounds = options.Number("--rounds", 5), steps = options.Number("--steps", 20), threads = options.Number("--threads", 2);
        var peer = options.Text("--peer", "");
        options.RequireAllUsed();

        var trainer = TrainingStep.Preset(preset, Device.CreateCpu(threads, precision));
        trainer.Time(3);
        Alternation.Run(trainer.Time, rounds, steps, trainer.Tokens, trainer.Flops, peer);
        return 0;
    }
}
