#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 08: what gradient descent walks over.
//
//     dotnet run -c Release labs/08-curvature.cs [folder]
//
// A saddle, where the gradient says nothing and a little noise says all. A loss with one minimum and one with many. And how sharp
// the valley is that training ends in: no sharper than its learning rate can bear (Cohen et al. 2021). Figures as SVG.
using Stemma.Layers;
using Stemma.Models.MultilayerPerceptron;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Landscape;
using Stemma.Training.Tasks;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";

// 1. The saddle x² − y².
List<Series> walks = [];
foreach (var noise in (double[])[0, 1e-9, 1e-5, 1e-2])
{
    var heights = Descent.OnSaddle(noise, steps: 150, learningRate: 0.1, seed: 1);
    Console.WriteLine($"saddle, noise {noise:0.#e+0}: after 50 steps {heights[50]:G3}, after 150 {heights[^1]:G3}");
    walks.Add(new LineSeries(noise == 0 ? "no noise" : $"noise {noise:0e+0}", Series.Values(heights.TakeWhile(height => height > -5))));
}
Save("saddle", new Chart
{
    Title = "A saddle holds gradient descent, noise lets it go",
    Subtitle = "f = x² − y² from (1, 0) at a rate of 0.1: the gradient leads to the saddle, and along y only noise begins to move",
    X = new LinearAxis("steps"),
    Y = new LinearAxis("f") { Minimum = -5, Maximum = 1.2 },
    Series = walks,
});

// 2. From twenty starts: a convex loss and one that is not.
var (logistic, net) = (Descent.FinalLosses(hiddenSize: 0, starts: 20, steps: 1500), Descent.FinalLosses(hiddenSize: 2, starts: 20, steps: 1500));
Console.WriteLine($"\nlogistic regression from twenty starts: {logistic.Min():F6} to {logistic.Max():F6}");
Console.WriteLine($"two hidden units from twenty starts:   {net.Min():F6} to {net.Max():F6}");
Save("starts", new Chart
{
    Title = "One minimum, or many",
    Subtitle = "The loss reached from twenty starts on the same points, in order; what a start decides is the height of a step",
    X = new LinearAxis("starts, the best first"),
    Y = new LinearAxis("loss (nats)") { Minimum = 0 },
    Series = [new PointSeries("logistic regression: convex", Series.Values(logistic.Order())), new PointSeries("two hidden units", Series.Values(net.Order()))],
});

// 3. Sharpness against learning rate.
List<Series> sharpness = [];
List<ChartPoint> final = [];
foreach (var rate in (double[])[0.1, 0.2, 0.3, 0.4])
{
    var curve = Descent.Sharpness(rate, time: 60, measurements: 24);
    Console.WriteLine($"learning rate {rate,4}: sharpness {curve[0].Sharpness:F1} at the start, {curve[^1].Sharpness:F1} at the end; 2/rate is {2 / rate:F0}");
    sharpness.Add(new LineSeries($"rate {rate}", [.. curve.Select(point => new ChartPoint(point.Steps * rate, point.Sharpness))]));
    sharpness.Add(new LineSeries("", [(0, 2 / rate), (60, 2 / rate)]) { IsDashed = true });
    final.Add((rate, curve.TakeLast(6).Average(point => point.Sharpness)));
}
Save("sharpness-training", new Chart
{
    Title = "Training ends in a valley no sharper than its rate can bear",
    Subtitle = "Largest eigenvalue of the Hessian of a 144-24-10 net on drawn digits, gradient descent on all of them; dashed: 2/rate",
    X = new LinearAxis("time (steps · rate)"),
    Y = new LogAxis("sharpness"),
    Series = sharpness,
});
Save("sharpness-rate", new Chart
{
    Title = "Sharpness against learning rate",
    Subtitle = "Where training ended, means of the last six measurements",
    X = new LogAxis("learning rate"),
    Y = new LogAxis("sharpness"),
    Series = [new LineSeries("2/rate: the edge of stability", [.. final.Select(point => new ChartPoint(point.X, 2 / point.X))]) { IsDashed = true }, new PointSeries("measured", final)],
});
Console.WriteLine($"\nWrote the figures to {folder}.");
return;

void Save(string name, Figure figure) => figure.SaveSvg(Path.Combine(folder, name + ".svg"));
#endif

/// <summary>Plain gradient descent, without batches, over losses small enough to know all about them.</summary>
internal static class Descent
{
    /// <summary>f after each step on x² − y², from (1, 0).</summary>
    /// <param name="noise">The deviation of what is added to each gradient.</param>
    /// <param name="steps">How many.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="seed">Decides the noise.</param>
    public static double[] OnSaddle(double noise, int steps, double learningRate, ulong seed)
    {
        var random = new RandomStream(seed);
        var place = Tensor.From([1.0, 0.0], [2], Device.Reference).WithGradient();
        var signs = Tensor.From([1.0, -1.0], [2], Device.Reference);
        var heights = new double[steps + 1];
        for (var step = 0; step <= steps; step++)
        {
            using var tape = Tape.Start();
            var height = (place.Square() * signs).Sum();
            heights[step] = height.ToScalar();
            var gradient = tape.Backward(height)[place].ToArray<double>();
            var values = place.Span<double>();
            for (var i = 0; i < 2; i++) values[i] -= learningRate * (gradient[i] + noise * random.Normal((ulong)(2 * step + i)));
        }
        return heights;
    }

    /// <summary>The losses that gradient descent reaches from different starts, on points around the corners of a square whose classes are XOR's.</summary>
    /// <param name="hiddenSize">Hidden units; with 0 it is logistic regression.</param>
    /// <param name="starts">How many.</param>
    /// <param name="steps">From each.</param>
    public static double[] FinalLosses(int hiddenSize, int starts, int steps)
    {
        var random = new RandomStream(2);
        // A corner has more points than the others: else the best line says one half of everything.
        int[] corners = [.. Enumerable.Range(0, 48).Select(i => i < 40 ? i % 4 : 0)];
        var x = Tensor.From([.. corners.SelectMany((corner, i) => (float[])[(corner & 1) * 2 - 1 + 0.3f * (float)random.Normal((ulong)(2 * i)), (corner >> 1) * 2 - 1 + 0.3f * (float)random.Normal((ulong)(2 * i + 1))])], [48, 2]);
        var labels = Tensor.From([.. corners.Select(corner => corner is 1 or 2 ? 1 : 0)], [48]);
        return [.. Enumerable.Range(1, starts).Select(start =>
        {
            var weights = new Weights(new InitialWeights((ulong)start), Device.Cpu);
            Func<Tensor> loss;
            if (hiddenSize == 0)
            {
                var line = weights.Linear("line", 2, 2, new Initializer.Normal(2));
                loss = () => line.Forward(x).CrossEntropy(labels);
            }
            else
            {
                var net = new MultilayerPerceptronConfig { InputSize = 2, HiddenSize = hiddenSize, OutputSize = 2, Initializer = new Initializer.Normal(1) }.Build(weights);
                loss = () => net.Loss(x, labels);
            }
            return Train(weights.All, loss, steps, learningRate: 0.3);
        })];
    }

    /// <summary>The largest eigenvalue of the Hessian while a net learns drawn digits by squared error: it ends at 2/rate at most.</summary>
    /// <param name="learningRate">η.</param>
    /// <param name="time">Steps · η, the same for every rate.</param>
    /// <param name="measurements">How often to look.</param>
    public static (int Steps, double Sharpness)[] Sharpness(double learningRate, double time, int measurements)
    {
        var digits = DrawnDigits.Draw(200, new(1));
        var weights = new Weights(new InitialWeights(1), Device.Cpu);
        var net = new MultilayerPerceptronConfig { InputSize = DrawnDigits.Size * DrawnDigits.Size, HiddenSize = 24, OutputSize = 10 }.Build(weights);
        var labels = digits.Labels.ToArray<int>();
        var wanted = Tensor.From([.. labels.SelectMany(label => Enumerable.Range(0, 10).Select(k => k == label ? 1f : 0f))], [200, 10]);
        Tensor Loss() => (net.Forward(digits.Images) - wanted).Square().Sum() * (0.5 / 200);
        var (steps, found) = ((int)Math.Round(time / learningRate / measurements), new List<(int, double)>());
        for (var i = 0; i <= measurements; i++)
        {
            found.Add((i * steps, LossCurvature.Measure(new LossSurface(weights.All, Loss), 12, new RandomStream(1)).Sharpness));
            if (i < measurements) Train(weights.All, Loss, steps, learningRate);
        }
        return [.. found];
    }

    private static double Train(IReadOnlyList<Parameter> weights, Func<Tensor> loss, int steps, double learningRate)
    {
        var optimizer = new SgdConfig().Build(weights);
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward(loss()), learningRate);
        }
        using var rest = Memory.Scope();
        return loss().ToScalar();
    }
}
