#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 02: units that stop learning, and gradients that scatter.
//
//     dotnet run -c Release labs/02-activations-and-noise.cs [folder]
//
// A unit learns through the slope of its activation function: where that is flat, no gradient comes through. A step learns
// through the gradient of a batch: the smaller the batch, the more that gradient is chance. This lab measures both on a net of one
// hidden layer, and writes what it finds as figures (SVG; any browser shows them).
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Interpretability;
using Stemma.Reporting;
using Stemma.Text.Shards;
using Stemma.Training;

var folder = args.Length > 0 ? args[0] : "figures";

// 1. Where activations are flat.
Save("sigmoid", ActivationFigure.Of("Sigmoid", z => z.Sigmoid()));
Save("tanh", ActivationFigure.Of("Tanh", z => z.Tanh()));
Save("relu", ActivationFigure.Of("ReLU", z => z.Relu(), -4, 4));
Save("gelu", ActivationFigure.Of("GELU", z => z.Gelu(), -4, 4));

// 2. What the loss of a small net is computed from.
using (var tape = Tape.Start())
{
    var net = new QuadrantNet(8, seed: 1);
    net.Loss(0, 32);
    var names = net.Weights.ToDictionary(weight => weight.Value, weight => weight.Name);
    Save("loss-graph", GraphFigure.Of(tape.ToGraph(names.GetValueOrDefault), "What the loss of a net of one hidden layer is computed from"));
}

// 3. Too large steps kill ReLU units: one throws a unit below zero for every input, and nothing brings it back.
double[] rates = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
var dead = rates.Select(rate =>
{
    var net = new QuadrantNet(64, seed: 1);
    net.Train(steps: 300, batchSize: 32, rate);
    var activity = new UnitActivity(z => z.Relu());
    net.Loss(0, QuadrantNet.Examples, activity);
    Console.WriteLine($"learning rate {rate,4}: {activity.Layers[0].DeadCount,2} of 64 units dead, {100 * net.Accuracy():F0}% right");
    return (rate, 100.0 * activity.Layers[0].DeadCount / 64);
}).ToArray();
Save("dead-units", new Chart
{
    Title = "Dead ReLU units after 300 steps of gradient descent",
    Subtitle = "64 hidden units; a unit is dead when no point of the data wakes it",
    X = new LogAxis("learning rate"),
    Y = new LinearAxis("dead units (%)") { Minimum = 0, Maximum = 100 },
    Series = [new LineSeries("", [.. dead.Select(point => (ChartPoint)point)]), new PointSeries("", [.. dead.Select(point => (ChartPoint)point)])],
});

// 4. The variance of a batch's gradient falls as one over its size.
var noisy = new QuadrantNet(16, seed: 2);
noisy.Train(steps: 30, batchSize: 32, 0.2);
var random = new RandomStream(3);
var curve = GradientNoise.Measure([1, 2, 4, 8, 16, 32, 64, 128], draws: 200, (size, draw) => noisy.Gradients(size, random.Fork((ulong)size).Fork((ulong)draw)));
Console.WriteLine($"\ngradient noise: slope {curve.Slope:F3} (theory −1), simple noise scale {curve.SimpleNoiseScale:F1} examples");
var first = curve.Points[0].CovarianceTrace;
Save("gradient-noise", new Chart
{
    Title = "Gradient noise against batch size",
    Subtitle = $"200 batches of each size; slope {curve.Slope:F2}; noise equals signal at {curve.SimpleNoiseScale:F0} examples",
    X = new LogAxis("batch size (examples)"),
    Y = new LogAxis("tr Σ of the batch's gradient"),
    Series =
    [
        new LineSeries("theory: 1 / batch size", [.. curve.Points.Select(point => new ChartPoint(point.BatchSize, first / point.BatchSize))]) { IsDashed = true },
        new PointSeries("measured, ± 2 standard errors", [.. curve.Points.Select(p => new ChartPoint(p.BatchSize, p.CovarianceTrace, p.CovarianceTrace - 2 * p.StandardError, p.CovarianceTrace + 2 * p.StandardError))]),
        new LineSeries("‖G‖² of the true gradient", [.. curve.Points.Select(point => new ChartPoint(point.BatchSize, curve.Points[^1].SquaredNorm))]),
    ],
});

// 5. Documents are of all lengths and batches are rectangles: what the difference wastes.
var lengths = Enumerable.Range(0, 4000).Select(i => (long)Math.Max(1, Math.Exp(5 + 1.1 * random.Fork("lengths").Normal((ulong)i)))).ToArray();
int[] contexts = [128, 256, 512, 1024];
var wastes = contexts.Select(context => PaddingWaste.Of(lengths, context, batchSize: 32)).ToArray();
foreach (var (context, waste) in contexts.Zip(wastes)) Console.WriteLine($"context {context,5}: {100 * waste.RandomBatches:F1}% wasted by padding, {100 * waste.BucketedBatches:F1}% sorted by length, {100 * waste.Packed:F2}% packed");
Save("padding-waste", new Chart
{
    Title = "Positions without a token",
    Subtitle = "4,000 documents of log-normal length, median 150 tokens; 32 rows a batch",
    X = new CategoryAxis("context length", [.. contexts.Select(context => $"{context:N0}")]),
    Y = new LinearAxis("wasted positions (%)"),
    Series = [Bars("padded, random order", w => w.RandomBatches), Bars("padded, sorted by length", w => w.BucketedBatches), Bars("packed", w => w.Packed)],
});
Console.WriteLine($"\nWrote the figures to {folder}.");
return;

BarSeries Bars(string name, Func<PaddingWaste, double> share) => new(name, Series.Values(wastes.Select(waste => 100 * share(waste))));

void Save(string name, Figure figure) => figure.SaveSvg(Path.Combine(folder, name + ".svg"));
#endif

/// <summary>A net of one hidden layer of ReLU that tells whether the coordinates of a point have the same sign.</summary>
internal sealed class QuadrantNet
{
    public const int Examples = 512;

    private readonly Weights _weights;
    private readonly Linear _hidden, _output;
    private readonly Tensor _points, _labels;

    public QuadrantNet(int units, ulong seed)
    {
        _weights = new(new InitialWeights(seed), Device.Cpu);
        _hidden = _weights.Linear("hidden", 2, units, new Initializer.Normal(1 / Math.Sqrt(2)));
        _output = _weights.Linear("output", units, 2, new Initializer.Normal(1 / Math.Sqrt(units)));
        var random = new RandomStream(11);
        float[] points = [.. Enumerable.Range(0, 2 * Examples).Select(i => (float)random.Normal((ulong)i))];
        (_points, _labels) = (Tensor.From(points, [Examples, 2]), Tensor.From([.. points.Chunk(2).Select(p => p[0] * p[1] > 0 ? 1 : 0)], [Examples]));
    }

    public IReadOnlyList<Parameter> Weights => _weights.All;

    /// <summary>The mean loss in nats of some of the examples.</summary>
    public Tensor Loss(int start, int count, IObserver? observer = null) => Logits(_points.Slice(0, start, count), observer).CrossEntropy(_labels.Slice(0, start, count));

    /// <summary>Gradient descent over the examples in their order.</summary>
    public void Train(int steps, int batchSize, double rate)
    {
        var optimizer = new SgdConfig().Build(Weights);
        for (var step = 0; step < steps; step++)
        {
            using var tape = Tape.Start();
            optimizer.Step(tape.Backward(Loss(step * batchSize % Examples, batchSize)), rate);
        }
    }

    /// <summary>The gradients of a batch that is drawn with replacement.</summary>
    public Gradients Gradients(int batchSize, RandomStream random)
    {
        var rows = Tensor.From([.. Enumerable.Range(0, batchSize).Select(i => (int)random.Below(Examples, (ulong)i))], [batchSize]);
        var labels = _labels.Span<int>();
        var targets = new int[batchSize];
        for (var i = 0; i < batchSize; i++) targets[i] = labels[rows.Span<int>()[i]];
        using var tape = Tape.Start();
        return tape.Backward(Logits(_points.Gather(rows), null).CrossEntropy(Tensor.From(targets, [batchSize]))).Keep(tape.Keep);
    }

    /// <summary>The share of examples that are sorted rightly.</summary>
    public double Accuracy()
    {
        var (logits, labels) = (Logits(_points, null).ToArray<float>(), _labels.ToArray<int>());
        return Enumerable.Range(0, Examples).Count(i => logits[2 * i + 1] > logits[2 * i] == (labels[i] == 1)) / (double)Examples;
    }

    private Tensor Logits(Tensor points, IObserver? observer)
    {
        var pass = new Pass(SequenceLayout.Batch(points.Shape[0], 1), Observer: observer);
        return _output.Forward(pass.Observe(Site.MlpPre, 0, _hidden.Forward(points)).Relu());
    }
}
