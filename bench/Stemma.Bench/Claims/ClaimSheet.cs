using Stemma.Numerics;
using Stemma.Reporting;

namespace Stemma.Bench.Claims;

/// <summary>Where claims write their figures, and what they share.</summary>
internal sealed class ClaimSheet(string folder, int threads)
{
    public int ThreadCount => threads;

    public void Save(string name, Chart chart)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name + ".svg");
        chart.SaveSvg(path);
        Console.WriteLine($"    figure: {path}");
    }

    /// <summary>The exponent p of the least-squares fit y = c·xᵖ.</summary>
    public static double Slope(IReadOnlyList<(double X, double Y)> points)
    {
        double meanX = points.Average(p => Math.Log(p.X)), meanY = points.Average(p => Math.Log(p.Y));
        return points.Sum(p => (Math.Log(p.X) - meanX) * (Math.Log(p.Y) - meanY)) / points.Sum(p => Math.Pow(Math.Log(p.X) - meanX, 2));
    }

    /// <summary>The line of a given exponent through the last point: a claim beside its measurement.</summary>
    public static LineSeries Line(string name, double exponent, IReadOnlyList<(double X, double Y)> points) =>
        new(name, [.. points.Select(p => new ChartPoint(p.X, points[^1].Y * Math.Pow(p.X / points[^1].X, exponent)))]) { IsDashed = true };

    /// <summary>Numbers between -1 and 1.</summary>
    public static Tensor Filled(Device device, params ReadOnlySpan<int> sizes)
    {
        var shape = Shape.Create(sizes);
        var random = new RandomStream(1337);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(2 * random.Uniform((ulong)i) - 1);
        return Tensor.From(values, shape, device);
    }
}
