using Stemma.Layers;
using Stemma.Models.MultilayerPerceptron;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Reporting;

namespace Stemma.Bench.Claims;

/// <summary>The largest error of a net of one hidden layer, trained alike at every width. Cybenko 1989, Hornik et al. 1989: it can be made as small as wanted.</summary>
internal static class WidthClaim
{
    private const int Steps = 4000, Points = 81;
    private static readonly int[] s_widths = [1, 2, 3, 4, 8, 16, 32, 64];

    public static void Run(ClaimSheet sheet)
    {
        var device = Device.CreateCpu(1);
        (string Name, Func<float, float> Function)[] functions = [("sin 2x", x => MathF.Sin(2 * x)), ("|x|", MathF.Abs)];
        sheet.Save("universal-approximation", new()
        {
            Title = "The wider, the nearer",
            Subtitle = $"Largest error on [−2, 2] of a net with one hidden layer of tanh after {Steps:N0} steps; median and range of three seeds",
            X = new LogAxis("hidden units"),
            Y = new LogAxis("largest error"),
            Series = [.. functions.Select(function => new LineSeries(function.Name, [.. s_widths.Select(width => Point(function.Name, function.Function, width, device))]))],
        });
    }

    private static ChartPoint Point(string name, Func<float, float> function, int width, Device device)
    {
        double[] errors = [.. new ulong[] { 1, 2, 3 }.Select(seed => Error(function, width, seed, device)).Order()];
        Console.WriteLine($"    {name,-6} {width,2} hidden units: largest error {errors[1]:F4} ({errors[0]:F4} to {errors[2]:F4})");
        return new(width, errors[1], errors[0], errors[2]);
    }

    private static double Error(Func<float, float> function, int width, ulong seed, Device device)
    {
        float[] at = [.. Enumerable.Range(0, Points).Select(i => -2 + 4f * i / (Points - 1))];
        var (x, y) = (Tensor.From(at, [Points, 1], device), Tensor.From([.. at.Select(function)], [Points, 1], device));
        var net = new MultilayerPerceptronConfig { InputSize = 1, HiddenSize = width, OutputSize = 1, Initializer = new Initializer.Normal(1) }.Build(new Weights(new InitialWeights(seed), device));
        var optimizer = new AdamConfig().Build(net.Parameters);
        for (var step = 0; step < Steps; step++)
        {
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward((net.Forward(x) - y).Square().Mean()), 1e-2 * Math.Pow(1 - (double)step / Steps, 2));
        }
        using var scope = Memory.Scope();
        return (net.Forward(x) - y).Abs().ToArray<float>().Max();
    }
}
