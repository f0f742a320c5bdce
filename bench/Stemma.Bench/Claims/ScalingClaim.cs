using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends.Profiling;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Bench.Claims;

/// <summary>
/// Operations counted, and time measured, against the length of a sequence and the width of a layer. Vaswani et al. 2017,
/// arXiv:1706.03762, table 1.
/// </summary>
internal static class ScalingClaim
{
    private const int Heads = 4, HeadSize = 64, Rows = 256;
    private static readonly int[] s_lengths = [256, 512, 1024, 2048, 4096];
    private static readonly int[] s_widths = [128, 256, 512, 1024];

    public static void Run(ClaimSheet sheet)
    {
        Measure(sheet, "attention", "length n of the sequence (tokens)", s_lengths, Attention);
        Measure(sheet, "feed-forward", "width d (channels)", s_widths, FeedForward);
    }

    private static void Measure(ClaimSheet sheet, string what, string axis, int[] sizes, Func<Device, int, Action> work)
    {
        var device = Device.CreateCpu(sheet.ThreadCount);
        var times = Interleaved.Compare([.. sizes.Select(size => work(device, size))]);
        var points = sizes.Select((size, i) => (X: (double)size, Y: times[i].Best * 1e3)).ToArray();
        var counts = sizes.Select(size => (X: (double)size, Y: Count(work, size))).ToArray();
        Console.WriteLine($"    {what}, forward and backward, {sheet.ThreadCount} threads");
        for (var i = 0; i < sizes.Length; i++)
            Console.WriteLine($"        {sizes[i],6}{counts[i].Y * 1e-9,10:F3} GFLOP{points[i].Y,10:F3} ms (best; median {times[i].Median * 1e3:F3}){counts[i].Y * 1e-6 / points[i].Y,8:F0} GFLOP/s");
        Console.WriteLine($"        slope of operations {ClaimSheet.Slope(counts):F3}, of time {ClaimSheet.Slope(points):F2}, of time over the larger half {ClaimSheet.Slope(points[(sizes.Length / 2)..]):F2}");
        sheet.Save($"scaling-{what}", new()
        {
            Title = $"Time of {what}, forward and backward",
            Subtitle = $"{sheet.ThreadCount} threads, float32, best of {Interleaved.Rounds} rounds. Slope {ClaimSheet.Slope(points):F2}; {ClaimSheet.Slope(points[(sizes.Length / 2)..]):F2} over the larger half.",
            X = new LogAxis(axis),
            Y = new LogAxis("time (ms)"),
            Series = [ClaimSheet.Line("slope 2", 2, points), new PointSeries("measured", [.. points])],
        });
    }

    /// <summary>Operations of one call, counted on a device that computes nothing.</summary>
    private static double Count(Func<Device, int, Action> work, int size)
    {
        ProfilingBackend? profile = null;
        work(Device.Planning().With(inner => profile = new(inner, ComputePrecision.Float32)), size)();
        return profile!.Costs.Values.Sum(cost => cost.Flops);
    }

    private static Action Attention(Device device, int length)
    {
        var qkv = ClaimSheet.Filled(device, length, 3, Heads, HeadSize).WithGradient();
        var layout = SequenceLayout.Batch(1, length);
        return () =>
        {
            using var tape = Tape.Start();
            tape.Backward(TensorOps.SelfAttention(qkv, layout, AttentionWindow.Causal).Sum());
        };
    }

    private static Action FeedForward(Device device, int width)
    {
        Tensor x = ClaimSheet.Filled(device, Rows, width).WithGradient();
        Tensor up = ClaimSheet.Filled(device, 4 * width, width).WithGradient(), down = ClaimSheet.Filled(device, width, 4 * width).WithGradient();
        return () =>
        {
            using var tape = Tape.Start();
            tape.Backward(x.Linear(up).GeluTanh().Linear(down).Sum());
        };
    }
}
