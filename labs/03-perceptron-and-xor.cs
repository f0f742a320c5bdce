#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 03: what one unit can learn, and what it never will.
//
//     dotnet run -c Release labs/03-perceptron-and-xor.cs [folder]
//
// Rosenblatt's perceptron (1958) learns whatever a straight line can part, after no more mistakes than a theorem allows. XOR is parted
// by no line (Minsky & Papert 1969): the rule then walks in a circle for ever. One hidden layer is enough to get out of it. Figures as SVG.
using Stemma.Layers;
using Stemma.Models.MultilayerPerceptron;
using Stemma.Models.Perceptron;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;
using Stemma.Training.Tasks;

var folder = args.Length > 0 ? args[0] : "figures";

// 1. AND and OR are learnt; XOR is not.
List<Series> gates = [];
foreach (var gate in LogicGates.All)
{
    var unit = new PerceptronModel(2);
    var accuracies = new List<double>();
    for (var pass = 0; pass < 24; pass++)
    {
        accuracies.Add(100 * unit.Accuracy(gate.Examples));
        unit.Train(gate.Examples, 1);
    }
    var cycle = LogicGates.CycleOf(gate.Examples);
    Console.WriteLine($"{gate.Name,-4} {accuracies[^1],3:F0}% right; {(cycle.Length == 0 ? "converged" : $"the weights come back every {cycle.Length} passes, at best {100 * cycle.BestAccuracy:F0}% right")}");
    gates.Add(new LineSeries(gate.Name, Series.Values(accuracies)));
}
Save("perceptron-gates", new Chart
{
    Title = "One unit learns AND and OR, and never XOR",
    Subtitle = "Right answers of a perceptron after each pass over the four examples",
    X = new LinearAxis("passes"),
    Y = new LinearAxis("right (%)") { Minimum = 0, Maximum = 100 },
    Series = gates,
});

// 2. Mistakes against Novikoff's bound, the wider the gap between the classes the fewer.
double[] margins = [0.02, 0.05, 0.1, 0.2, 0.4];
var counts = margins.Select(margin => LogicGates.MistakesAndBound(margin, seed: 1)).ToArray();
foreach (var (margin, (mistakes, bound)) in margins.Zip(counts)) Console.WriteLine($"margin {margin,4}: {mistakes,4} mistakes, at most {bound:F0} by the theorem");
Save("perceptron-mistakes", new Chart
{
    Title = "Mistakes until nothing is wrong",
    Subtitle = "400 points in the plane with a gap along a line; the bound is (R/γ)²",
    X = new LogAxis("half of the gap's width"),
    Y = new LogAxis("mistakes"),
    Series =
    [
        new LineSeries("Novikoff's bound", [.. margins.Zip(counts, (margin, count) => new ChartPoint(margin, count.Bound))]) { IsDashed = true },
        new PointSeries("counted", [.. margins.Zip(counts, (margin, count) => new ChartPoint(margin, count.Mistakes))]),
    ],
});

// 3. A hidden layer solves XOR: where the net says yes.
var net = LogicGates.TrainOnXor(seed: 1, steps: 400);
Console.WriteLine($"\nXOR with a hidden layer: {100 * net.Accuracy(LogicGates.Inputs, LogicGates.XorLabels):F0}% right");
var (linear, product) = LogicGates.TrainLinearOnXor(seed: 1, steps: 300);
Console.WriteLine($"Three linear layers on XOR: {100 * linear:F0}% right, and off the product of their matrices by {product:0.#e+0}");
var grid = Enumerable.Range(0, 41 * 41).Select(i => (X: -0.5 + i % 41 * 0.05, Y: -0.5 + i / 41 * 0.05)).ToArray();
var answers = net.Predict(Tensor.From([.. grid.SelectMany(p => (float[])[(float)p.X, (float)p.Y])], [grid.Length, 2]));
Save("xor-solved", new Chart
{
    Title = "XOR takes a hidden layer",
    Subtitle = "Where a 2-4-2 net says yes; one line could not bound it",
    X = new LinearAxis("first input"),
    Y = new LinearAxis("second input"),
    Series =
    [
        new PointSeries("the net says yes", [.. grid.Where((_, i) => answers[i] == 1).Select(p => (ChartPoint)p)]),
        new PointSeries("one of the two", [(0, 1), (1, 0)]) { Labels = ["yes", "yes"] },
        new PointSeries("both or none", [(0, 0), (1, 1)]) { Labels = ["no", "no"] },
    ],
});

// The first net of many a tutorial: two numbers, sixteen hidden units, do the numbers have one sign?
var (falling, seen, unseen) = LogicGates.TrainOnSigns(seed: 1, epochs: 100);
Console.WriteLine($"\nTwo numbers of one sign? A 2-16-2 net after 100 epochs: loss {falling[0]:F3} to {falling[^1]:F3}, {100 * seen:F1}% right, {100 * unseen:F1}% on points it has not seen");
Save("same-sign", new Chart
{
    Title = "A first net learns",
    Subtitle = "2-16-2, ReLU, Adam at 0.01, 200 points, label x·y > 0",
    X = new LinearAxis("epochs"),
    Y = new LinearAxis("training loss (nats)") { Minimum = 0 },
    Series = [new LineSeries("loss", Series.Values(falling))],
});

// 4. Ten perceptrons against one net, on digits that the program draws.
DrawnDigits train = DrawnDigits.Draw(2000, new(1)), test = DrawnDigits.Draw(500, new(2));
var ten = Enumerable.Range(0, 10).Select(_ => new PerceptronModel(DrawnDigits.Size * DrawnDigits.Size)).ToArray();
double[][] Rows(DrawnDigits digits) => [.. digits.Images.ToArray<float>().Chunk(DrawnDigits.Size * DrawnDigits.Size).Select(row => Array.ConvertAll(row, x => (double)x))];
var (rows, labels) = (Rows(train), train.Labels.ToArray<int>());
for (var digit = 0; digit < 10; digit++) ten[digit].Train([.. rows.Zip(labels, (row, label) => new LabelledExample(row, label == digit))], passes: 20);
var right = Rows(test).Zip(test.Labels.ToArray<int>(), (row, label) => ten.Select(unit => unit.Score(row)).ToArray() is var scores && Array.IndexOf(scores, scores.Max()) == label).Count(same => same);
Console.WriteLine($"\nDrawn digits: ten perceptrons {100.0 * right / 500:F1}% right");
var mlp = new MultilayerPerceptronConfig { InputSize = DrawnDigits.Size * DrawnDigits.Size, HiddenSize = 64, OutputSize = 10 }.Build(new Weights(new InitialWeights(1), Device.Cpu));
List<double> learnt = [];
var adam = new AdamConfig().Build(mlp.Parameters);
for (var pass = 0; pass <= 10; pass++)
{
    learnt.Add(100 * mlp.Accuracy(test.Images, test.Labels));
    mlp.Train(train.Images, train.Labels, batchSize: 50, steps: 40, adam, 1e-2);
}
Console.WriteLine($"              a net of one hidden layer {learnt[^1]:F1}%");
Save("drawn-digits", new Chart
{
    Title = "Digits drawn by the program",
    Subtitle = "500 held-out images of 12 × 12 pixels, moved and noisy; learnt from 2,000",
    X = new LinearAxis("passes over the training images"),
    Y = new LinearAxis("right (%)") { Minimum = 0, Maximum = 100 },
    Series =
    [
        new LineSeries("64 hidden units", Series.Values(learnt)),
        new LineSeries("ten perceptrons, after 20 passes", [(0, right / 5.0), (10, right / 5.0)]) { IsDashed = true },
    ],
});
Console.WriteLine($"\nWrote the figures to {folder}.");
return;

void Save(string name, Figure figure) => figure.SaveSvg(Path.Combine(folder, name + ".svg"));
#endif

/// <summary>The truth tables of two inputs, and points with a gap.</summary>
internal static class LogicGates
{
    private static readonly double[][] s_inputs = [[0, 0], [0, 1], [1, 0], [1, 1]];

    public static (string Name, LabelledExample[] Examples)[] All { get; } = [("AND", Table((a, b) => a && b)), ("OR", Table((a, b) => a || b)), ("XOR", Table((a, b) => a ^ b))];

    public static Tensor Inputs { get; } = Tensor.From([.. s_inputs.SelectMany(x => x).Select(x => (float)x)], [4, 2]);

    public static Tensor XorLabels { get; } = Tensor.From([0, 1, 1, 0], [4]);

    /// <summary>
    /// After how many passes the rule comes back to weights it had before, 0 where it converged, and the best accuracy on the way round.
    /// It is a function of the weights alone, so what came back once comes back for ever.
    /// </summary>
    public static (int Length, double BestAccuracy) CycleOf(IReadOnlyList<LabelledExample> examples)
    {
        var unit = new PerceptronModel(examples[0].Input.Length);
        var seen = new Dictionary<string, int>();
        var accuracies = new List<double>();
        for (var pass = 0; ; pass++)
        {
            if (!seen.TryAdd($"{string.Join(' ', unit.Weights)} {unit.Bias}", pass))
            {
                var first = seen[$"{string.Join(' ', unit.Weights)} {unit.Bias}"];
                return accuracies[^1] == 1 ? (0, 1) : (pass - first, accuracies[first..].Max());
            }
            // Within a pass the weights change after every example; all of these states are on the circle too.
            var best = unit.Accuracy(examples);
            foreach (var example in examples)
            {
                unit.Train([example], 1);
                best = Math.Max(best, unit.Accuracy(examples));
            }
            accuracies.Add(best);
        }
    }

    /// <summary>Mistakes until nothing is wrong on 400 points that keep away from a line, and the bound for that line.</summary>
    public static (int Mistakes, double Bound) MistakesAndBound(double margin, ulong seed)
    {
        var random = new RandomStream(seed);
        double[] separator = [0.8, -0.6];
        const double Bias = 0.1;
        var examples = new List<LabelledExample>();
        for (ulong i = 0; examples.Count < 400; i++)
        {
            double[] x = [2 * random.Uniform(2 * i) - 1, 2 * random.Uniform(2 * i + 1) - 1];
            var distance = separator[0] * x[0] + separator[1] * x[1] + Bias;
            if (Math.Abs(distance) >= margin) examples.Add(new(x, distance > 0));
        }
        return (new PerceptronModel(2).Train(examples, 100_000).Sum(), PerceptronModel.MistakeBound(examples, separator, Bias));
    }

    public static MultilayerPerceptronModel TrainOnXor(ulong seed, int steps)
    {
        var net = new MultilayerPerceptronConfig { InputSize = 2, HiddenSize = 4, OutputSize = 2 }.Build(new Weights(new InitialWeights(seed), Device.Cpu));
        net.Train(Inputs, XorLabels, batchSize: 4, steps, new AdamConfig().Build(net.Parameters), 5e-2);
        return net;
    }

    /// <summary>Layers without an activation between them: their accuracy on XOR, and how far the net is from the one layer that the product of their matrices is.</summary>
    public static (double Accuracy, double Difference) TrainLinearOnXor(ulong seed, int steps)
    {
        var net = new MultilayerPerceptronConfig { InputSize = 2, HiddenSize = 8, LayerCount = 2, OutputSize = 2, Activation = z => z }.Build(new Weights(new InitialWeights(seed), Device.Cpu));
        net.Train(Inputs, XorLabels, batchSize: 4, steps, new AdamConfig().Build(net.Parameters), 1e-2);
        var product = net.Parameters.Where(weight => weight.Decays).Select(weight => weight.Value.Detach()).Aggregate((inner, outer) => outer.MatMul(inner));
        var one = Inputs.Linear(product, net.Forward(Tensor.Zeros([1, 2])).Detach().Reshape(2));
        return (net.Accuracy(Inputs, XorLabels), net.Forward(Inputs).ToArray<float>().Zip(one.ToArray<float>(), (a, b) => Math.Abs(a - b)).Max());
    }

    /// <summary>A 2-16-2 net on whether two numbers have one sign: the mean loss of each epoch, and the accuracy on the points and on others.</summary>
    public static (double[] Losses, double Seen, double Unseen) TrainOnSigns(ulong seed, int epochs)
    {
        var random = new RandomStream(seed);
        var ((x, labels), (otherX, otherLabels)) = (Signs(random.Fork(1), 200), Signs(random.Fork(2), 500));
        var net = new MultilayerPerceptronConfig { InputSize = 2, HiddenSize = 16, OutputSize = 2, Activation = TensorOps.Relu }.Build(new Weights(new InitialWeights(seed), Device.Cpu));
        double[] losses = [.. net.Train(x, labels, batchSize: 20, steps: 10 * epochs, new AdamConfig().Build(net.Parameters), 1e-2).Chunk(10).Select(epoch => epoch.Average())];
        return (losses, net.Accuracy(x, labels), net.Accuracy(otherX, otherLabels));

        static (Tensor X, Tensor Labels) Signs(RandomStream random, int count)
        {
            float[] points = [.. Enumerable.Range(0, 2 * count).Select(i => (float)random.Normal((ulong)i))];
            return (Tensor.From(points, [count, 2]), Tensor.From([.. points.Chunk(2).Select(p => p[0] * p[1] > 0 ? 1 : 0)], [count]));
        }
    }

    private static LabelledExample[] Table(Func<bool, bool, bool> gate) => [.. s_inputs.Select(x => new LabelledExample(x, gate(x[0] == 1, x[1] == 1)))];
}
