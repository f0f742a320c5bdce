using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>
/// `steady`: what a training step takes once it has settled. Managed bytes a step, collections by generation, bytes of tensors' memory taken
/// from the system after the first steps (there should be none), and which types the managed bytes are.
/// </summary>
internal static class SteadyBench
{
    private const int WarmUp = 30;

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var preset = options.Text("--preset", "narrow");
        var precision = options.Precision();
        int steps = options.Number("--steps", 1000), threads = options.Number("--threads", 2);
        var checkpointing = options.Switch("--checkpointing");
        options.RequireAllUsed();

        var trainer = TrainingStep.Preset(preset, Device.CreateCpu(threads, precision), checkpointing);
        trainer.Time(Math.Min(WarmUp, steps));
        int[] collections = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
        var (allocated, own, reserved) = (GC.GetTotalAllocatedBytes(precise: true), GC.GetAllocatedBytesForCurrentThread(), Memory.ReservedBytes);
        var times = trainer.Time(steps);
        own = GC.GetAllocatedBytesForCurrentThread() - own;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine($"{preset}, {precision}, checkpointing {(checkpointing ? "on" : "off")}: {own / 1024.0 / steps:F1} KB of managed memory a step on the thread that trains, {(allocated - own) / 1024.0 / steps:F1} KB on others; {times.Order().ElementAt(steps / 2):F2} ms a step");
        Console.WriteLine($"collections in {steps} steps: generation 0 {GC.CollectionCount(0) - collections[0]}, 1 {GC.CollectionCount(1) - collections[1]}, 2 {GC.CollectionCount(2) - collections[2]}; memory for tensors {Memory.ReservedBytes >> 20} MB, {Memory.ReservedBytes - reserved} bytes of it taken in these steps");

        using var types = new AllocatedTypes();
        trainer.Time(steps);
        Console.WriteLine($"{"type (estimated)",-60}{"bytes a step",14}{"objects",10}");
        foreach (var (name, bytes, count) in types.Types.Where(type => type.Bytes > allocated * 0.005)) Console.WriteLine($"{name,-60}{bytes / steps,14:F0}{count / steps,10:F1}");
        return 0;
    }
}
