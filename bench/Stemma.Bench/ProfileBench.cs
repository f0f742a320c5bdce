using Stemma.Numerics;
using Stemma.Numerics.Backends.Profiling;

namespace Stemma.Bench;

/// <summary>
/// `profile`: where the time of a training step goes. Each operation beside its floor, the larger of its arithmetic over the measured peak of
/// its precision and its bytes over the measured bandwidth, and the fraction of the time that the floor is. The step shown is the fastest of all;
/// beside it stands what its calls take at their fastest in any step, which moves least where others use the machine too.
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

        var before = MachineProfile.Measure(threads);
        ProfilingBackend? profile = null;
        var trainer = TrainingStep.Preset(preset, Device.CreateCpu(threads, precision).With(inner => profile = new(inner, precision)));
        trainer.Time(2);
        var (total, costs) = (double.PositiveInfinity, new Dictionary<(string Operation, string Shape), OperationCost>());
        var fastest = new Dictionary<(string Operation, string Shape), double>();
        for (var step = 0; step < steps; step++)
        {
            profile!.Costs.Clear();
            var milliseconds = trainer.Time(1)[0];
            foreach (var (key, cost) in profile.Costs) fastest[key] = Math.Min(fastest.GetValueOrDefault(key, double.PositiveInfinity), cost.BestSeconds * 1e3);
            if (milliseconds < total) (total, costs) = (milliseconds, new(profile.Costs));
        }
        foreach (var cost in costs.Values) MachinePeak.Flops(threads, cost.Precision, cost.Flops / cost.Seconds);
        var machine = MachineProfile.Measure(threads).BestOf(before);

        Console.WriteLine($"peak {machine.PeakFlops * 1e-9:F0} GFLOP/s float32, {machine.BFloat16PeakFlops * 1e-9:F0} bfloat16; memory {machine.ReadBandwidth * 1e-9:F1} GB/s read, {machine.UpdateBandwidth * 1e-9:F1} read and written (what a cache still holds comes faster)");
        Console.WriteLine($"{"operation",-28}{"shape",-26}{"calls",6}{"ms",10}{"fastest",10}{"share",8}{"floor ms",10}{"reached",9}{"GFLOP/s",9}{"GB/s",7}");
        double inside = 0, best = 0, floors = 0, arithmetic = 0;
        foreach (var (key, cost) in costs.OrderByDescending(cost => cost.Value.Seconds))
        {
            var (operation, shape) = key;
            var least = cost.Calls * fastest[key];
            best += least;
            var milliseconds = cost.Seconds * 1e3;
            var floor = machine.Floor(cost.Flops, cost.Bytes, cost.Precision) * 1e3;
            (inside, floors, arithmetic) = (inside + milliseconds, floors + floor, arithmetic + cost.Flops / machine.Peak(cost.Precision) * 1e3);
            if (milliseconds < 0.002 * total) continue;
            Console.WriteLine($"{operation,-28}{shape,-26}{cost.Calls,6}{milliseconds,10:F2}{least,10:F2}{milliseconds / total,8:P1}{floor,10:F2}{floor / milliseconds,9:P0}{cost.Flops / cost.Seconds * 1e-9,9:F0}{cost.Bytes / cost.Seconds * 1e-9,7:F1}");
        }
        var reached = trainer.Flops / total * 1e3;
        Console.WriteLine($"step {total:F1} ms, the fastest of {steps}; {inside:F1} ms in operations ({best:F1} at their fastest), {total - inside:F1} ms outside");
        Console.WriteLine($"floors {floors:F1} ms = {floors / total:P0} of the step; of arithmetic alone {arithmetic:F1} ms = {arithmetic / total:P0}");
        Console.WriteLine($"model {reached * 1e-9:F0} GFLOP/s = {reached / machine.PeakFlops:P0} of the float32 peak, {reached / machine.BFloat16PeakFlops:P0} of the bfloat16 peak; the run is {precision}");
        return 0;
    }
}
