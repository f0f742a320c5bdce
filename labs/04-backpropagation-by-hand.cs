#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 04: backpropagation by hand.
//
//     dotnet run -c Release labs/04-backpropagation-by-hand.cs [folder]
//
// One net, its gradient written out with loops and nothing else (Rumelhart, Hinton & Williams 1986): every line of Backward stands
// beside the line of Forward that it undoes. Compared with central differences and with the tape, then trained by it. Figures as SVG.
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var (points, labels) = HandMadeNet.Quadrants(200, new RandomStream(3));
var net = new HandMadeNet(2, 16, 2, new RandomStream(4));

// 1. Is it right? Differences (f(w+h) − f(w−h)) / 2h against it: too large an h bends, too small an h rounds.
var byHand = net.Gradient(points, labels);
var byTape = net.GradientByTape(points, labels);
var onTape = byHand.Zip(byTape, (a, b) => Math.Abs(a - b)).Max();
Console.WriteLine($"by hand against the tape: largest difference {onTape:G2} over {byHand.Length} weights");
if (onTape > 1e-12) return 1;
List<ChartPoint> errors = [];
for (var exponent = -1.0; exponent >= -11; exponent -= 0.5)
{
    var h = Math.Pow(10, exponent);
    errors.Add((h, net.GradientByDifferences(points, labels, h).Zip(byHand, (a, b) => Math.Abs(a - b)).Max()));
}
Save("backprop-differences", new Chart
{
    Title = "A gradient by hand against differences of the loss",
    Subtitle = $"Largest difference over {byHand.Length} weights, float64; the tape agrees to {onTape:G1}",
    X = new LogAxis("step h of the central difference"),
    Y = new LogAxis("largest difference"),
    Series = [new LineSeries("measured", errors), new LineSeries("h²: what the difference leaves out", [(1e-1, errors[0].Y), (1e-5, errors[0].Y * 1e-8)]) { IsDashed = true }],
});

// 2. Down the gradient.
List<double> losses = [], accuracies = [];
for (var step = 0; step <= 400; step++)
{
    losses.Add(net.Loss(points, labels));
    accuracies.Add(net.Accuracy(points, labels));
    if (step % 100 == 0) Console.WriteLine($"step {step,3}  loss {losses[^1]:F4}  {100 * accuracies[^1]:F1}% right");
    net.Step(net.Gradient(points, labels), 1.0);
}
Save("backprop-loss", new Chart
{
    Title = "Trained by a gradient written by hand",
    Subtitle = "2-16-2 net of tanh: have the coordinates the same sign? Plain gradient descent, rate 1",
    X = new LinearAxis("step"),
    Y = new LinearAxis("") { Minimum = 0 },
    Series = [new LineSeries("loss (nats)", Series.Values(losses)), new LineSeries("right (share)", Series.Values(accuracies))],
});
Console.WriteLine($"\nWrote the figures to {folder}.");
return 0;

void Save(string name, Figure figure) => figure.SaveSvg(Path.Combine(folder, name + ".svg"));
#endif

/// <summary>softmax(W₂·tanh(W₁·x + b₁) + b₂) with its gradient, in loops.</summary>
internal sealed class HandMadeNet
{
    private readonly int _inputs, _hidden, _outputs;
    private readonly double[] _weights;

    public HandMadeNet(int inputs, int hidden, int outputs, RandomStream random)
    {
        (_inputs, _hidden, _outputs) = (inputs, hidden, outputs);
        _weights = new double[hidden * inputs + hidden + outputs * hidden + outputs];
        for (var i = 0; i < hidden * inputs; i++) _weights[i] = random.Normal((ulong)i) / Math.Sqrt(inputs);
        for (var i = 0; i < outputs * hidden; i++) _weights[hidden * inputs + hidden + i] = random.Normal((ulong)(1000 + i)) / Math.Sqrt(hidden);
    }

    /// <summary>Where the parts lie: W₁ [hidden, inputs], b₁, W₂ [outputs, hidden], b₂.</summary>
    private (int W1, int B1, int W2, int B2) Parts => (0, _hidden * _inputs, _hidden * _inputs + _hidden, _hidden * _inputs + _hidden + _outputs * _hidden);

    public double Loss(double[][] points, int[] labels) => points.Zip(labels, (x, label) => -Math.Log(Forward(x).Probabilities[label])).Average();

    public double Accuracy(double[][] points, int[] labels) => points.Zip(labels, (x, label) => Forward(x).Probabilities[label] > 0.5 ? 1.0 : 0).Average();

    public void Step(double[] gradient, double rate)
    {
        for (var i = 0; i < _weights.Length; i++) _weights[i] -= rate * gradient[i];
    }

    /// <summary>The gradient of the mean loss: the chain rule from the last line of Forward to its first.</summary>
    public double[] Gradient(double[][] points, int[] labels)
    {
        var (gradient, (w1, b1, w2, b2)) = (new double[_weights.Length], Parts);
        for (var n = 0; n < points.Length; n++)
        {
            var (x, (h, p)) = (points[n], Forward(points[n]));
            var dh = new double[_hidden];
            for (var k = 0; k < _outputs; k++)
            {
                var ds = (p[k] - (k == labels[n] ? 1 : 0)) / points.Length;     // −ln softmax(s)[label]
                gradient[b2 + k] += ds;                                         // s = W₂·h + b₂
                for (var j = 0; j < _hidden; j++)
                {
                    gradient[w2 + k * _hidden + j] += ds * h[j];
                    dh[j] += ds * _weights[w2 + k * _hidden + j];
                }
            }
            for (var j = 0; j < _hidden; j++)
            {
                var dz = dh[j] * (1 - h[j] * h[j]);                             // h = tanh(z)
                gradient[b1 + j] += dz;                                         // z = W₁·x + b₁
                for (var i = 0; i < _inputs; i++) gradient[w1 + j * _inputs + i] += dz * x[i];
            }
        }
        return gradient;
    }

    /// <summary>The same from the tape.</summary>
    public double[] GradientByTape(double[][] points, int[] labels)
    {
        var (w1, b1, w2, b2) = Parts;
        using var tape = Tape.Start();
        Tensor[] w = [Weight(w1..b1, [_hidden, _inputs]), Weight(b1..w2, [_hidden]), Weight(w2..b2, [_outputs, _hidden]), Weight(b2.._weights.Length, [_outputs])];
        var x = Tensor.From(points.SelectMany(p => p).ToArray(), [points.Length, _inputs]);
        var gradients = tape.Backward(x.Linear(w[0], w[1]).Tanh().Linear(w[2], w[3]).CrossEntropy(Tensor.From(labels, [labels.Length])));
        return [.. w.SelectMany(part => gradients[part].ToArray<double>())];

        Tensor Weight(Range range, Shape shape) => Tensor.From(_weights[range], shape).WithGradient();
    }

    /// <summary>The same from two losses a weight.</summary>
    public double[] GradientByDifferences(double[][] points, int[] labels, double h)
    {
        var gradient = new double[_weights.Length];
        for (var i = 0; i < _weights.Length; i++)
        {
            var weight = _weights[i];
            _weights[i] = weight + h;
            var above = Loss(points, labels);
            _weights[i] = weight - h;
            gradient[i] = (above - Loss(points, labels)) / (2 * h);
            _weights[i] = weight;
        }
        return gradient;
    }

    /// <summary>Normal points of the plane, and whether their coordinates have the same sign.</summary>
    public static (double[][] Points, int[] Labels) Quadrants(int count, RandomStream random)
    {
        double[][] points = [.. Enumerable.Range(0, count).Select(i => (double[])[random.Normal((ulong)(2 * i)), random.Normal((ulong)(2 * i + 1))])];
        return (points, [.. points.Select(p => p[0] * p[1] > 0 ? 1 : 0)]);
    }

    private (double[] Hidden, double[] Probabilities) Forward(double[] x)
    {
        var (w1, b1, w2, b2) = Parts;
        var (h, p) = (new double[_hidden], new double[_outputs]);
        for (var j = 0; j < _hidden; j++)
        {
            var z = _weights[b1 + j];
            for (var i = 0; i < _inputs; i++) z += _weights[w1 + j * _inputs + i] * x[i];
            h[j] = Math.Tanh(z);
        }
        for (var k = 0; k < _outputs; k++)
        {
            p[k] = _weights[b2 + k];
            for (var j = 0; j < _hidden; j++) p[k] += _weights[w2 + k * _hidden + j] * h[j];
        }
        var largest = p.Max();
        for (var k = 0; k < _outputs; k++) p[k] = Math.Exp(p[k] - largest);
        var sum = p.Sum();
        for (var k = 0; k < _outputs; k++) p[k] /= sum;
        return (h, p);
    }
}
