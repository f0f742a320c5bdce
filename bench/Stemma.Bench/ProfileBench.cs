using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>
/// `profile`: where the time of a training step goes. Each operation beside its floor, the larger of its arithmetic over the measured
/// peak and its bytes over the measured bandwidth, and the fraction of the time that the floor is.
/// </summary>
internal static class ProfileBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var preset = options.Text("--preset", "cpu");
        var precision = options.Precision();
        int steps = options.Number("--steps", 10), threads = options.Number("--threads", 2);
        options.RequireAllUsed();

        var machine = MachineProfile.Measure(threads);
        ProfilingBackend? profile = null;
        var trainer = TrainingStep.Preset(preset, Device.CreateCpu(threads, precision).With(inner => profile = new(inner)));
        trainer.Time(2);
        profile!.Entries.Clear();
        var total = trainer.Time(steps).Sum() / steps;
        Console.WriteLine($"peak {machine.PeakFlops * 1e-9:F0} GFLOP/s (float32), read {machine.ReadBandwidth * 1e-9:F1} GB/s");
        Console.WriteLine($"{"operation",-28}{"shape",-26}{"calls",6}{"ms",10}{"share",8}{"floor ms",10}{"reached",9}{"GFLOP/s",9}{"GB/s",7}");
        double inside = 0, floors = 0;
        foreach (var ((operation, shape), entry) in profile.Entries.OrderByDescending(e => e.Value.Seconds))
        {
            var milliseconds = entry.Seconds * 1e3 / steps;
            var floor = Math.Max(entry.Flops / machine.PeakFlops, entry.Bytes / machine.ReadBandwidth) * 1e3 / steps;
            (inside, floors) = (inside + milliseconds, floors + floor);
            if (milliseconds < 0.002 * total) continue;
            Console.WriteLine($"{operation,-28}{shape,-26}{entry.Calls / (double)steps,6:F0}{milliseconds,10:F2}{milliseconds / total,8:P1}{floor,10:F2}{floor / milliseconds,9:P0}{entry.Flops / entry.Seconds * 1e-9,9:F0}{entry.Bytes / entry.Seconds * 1e-9,7:F1}");
        }
        Console.WriteLine($"step {total:F1} ms; {inside:F1} ms in operations ({total - inside:F1} ms outside); floors {floors:F1} ms = {floors / total:P0} of the step; {trainer.Flops / total * 1e-6:F0} GFLOP/s = {trainer.Flops / total * 1e3 / machine.PeakFlops:P0} of peak");
        return 0;
    }
}
