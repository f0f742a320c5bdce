using Stemma.Numerics;

namespace Stemma.Reporting;

/// <summary>A roofline as a chart: intensity to the right, speed upwards, both logarithmic; the roofs are lines and the operations dots.</summary>
public static class RooflineFigure
{
    /// <summary>Draws a roofline.</summary>
    public static Chart Of(Roofline roofline)
    {
        ArgumentNullException.ThrowIfNull(roofline);
        var machine = roofline.Machine;
        var low = Math.Min(0.1, roofline.Operations.Select(operation => operation.Intensity).DefaultIfEmpty(1).Min() / 1.5);
        var high = Math.Max(1000, roofline.Operations.Select(operation => operation.Intensity).DefaultIfEmpty(1).Max() * 1.5);
        var hasTwoRoofs = machine.BFloat16PeakFlops > 1.05 * machine.PeakFlops;
        return new()
        {
            Title = "Roofline of this machine",
            Subtitle = $"{machine.ThreadCount} {(machine.ThreadCount == 1 ? "thread" : "threads")}, {machine.MatMulKernel}; memory reads {machine.ReadBandwidth * 1e-9:0} GB/s, reads and writes {machine.UpdateBandwidth * 1e-9:0}. A dot is an operation, in the colour of its roof. Operands that stay in a cache may lift it over the slope.",
            Width = 860,
            Height = 560,
            X = new LogAxis("operations per byte that must be moved") { Minimum = low, Maximum = high },
            Y = new LogAxis("GFLOP/s") { Maximum = 2e-9 * Math.Max(machine.PeakFlops, machine.BFloat16PeakFlops) },
            // Dots without a name take the colour of the roof above them.
            Series =
            [
                Roof("float32", ComputePrecision.Float32),
                Dots("", ComputePrecision.Float32),
                .. hasTwoRoofs ? (Series[])[Roof("bfloat16", ComputePrecision.BFloat16)] : [],
                Dots(hasTwoRoofs ? "" : "bfloat16 factors, multiplied as float32", ComputePrecision.BFloat16),
            ],
        };

        LineSeries Roof(string name, ComputePrecision precision)
        {
            double[] places = [low, machine.Peak(precision) / machine.MemoryBandwidth, high];
            return new($"{name} roof, {machine.Peak(precision) * 1e-9:0} GFLOP/s", [.. places.Select(x => new ChartPoint(x, roofline.Attainable(x, precision) * 1e-9))]);
        }

        PointSeries Dots(string name, ComputePrecision precision)
        {
            var operations = roofline.Operations.Where(operation => operation.Precision == precision).ToArray();
            return new(name, [.. operations.Select(operation => new ChartPoint(operation.Intensity, operation.FlopsPerSecond * 1e-9))])
            {
                Labels = [.. operations.Select(operation => operation.Operation == "matmul" ? operation.Shape : operation.Operation)],
            };
        }
    }
}
