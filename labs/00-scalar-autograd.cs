#:project ../src/Stemma.Numerics/Stemma.Numerics.csproj
#:property PublishAot=false

// Lab 00: a number that knows its gradient.
//
//     dotnet run labs/00-scalar-autograd.cs
//
// Everything that trains here, up to a language model, rests on one idea: write down how each number was computed, then walk
// back and multiply by local slopes (the chain rule; Linnainmaa 1970). This lab does it with single numbers, in the manner of
// Karpathy's micrograd, checks itself against the tensor engine, and draws what it has learned.
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

#if !LINKED // The tests compile the classes below without this program.
var random = new RandomStream(7);
var (points, labels) = Moons.Draw(random.Fork("points"), 60);
var net = new Net(random.Fork("weights"), 2, 16, 2);

for (var step = 0; step <= 150; step++)
{
    var loss = net.Loss(points, labels);
    foreach (var weight in net.Weights) weight.Gradient = 0;
    loss.Backward();
    if (step == 0 && Comparison.LargestDifference(net, points, labels) is var difference and not < 1e-10)
    {
        Console.Error.WriteLine($"The gradients differ from the tensor engine's by {difference:G3}.");
        return 1;
    }
    if (step % 25 == 0) Console.WriteLine($"step {step,3}  loss {loss.Data:F4}  {new string('█', (int)(loss.Data * 60))}");
    foreach (var weight in net.Weights) weight.Data -= 0.5 * weight.Gradient;
}

Console.WriteLine("\nAll gradients equal the tensor engine's. What the net says about every place (o, x: the points):\n");
for (var y = 1.4; y >= -1; y -= 0.12)
{
    for (var x = -1.4; x <= 2.4; x += 0.06)
    {
        var here = points.Index().FirstOrDefault(p => Math.Abs(p.Item[0] - x) < 0.03 && Math.Abs(p.Item[1] - y) < 0.06, (-1, null!)).Index;
        var scores = net.Forward([x, y]);
        Console.Write(here >= 0 ? labels[here] == 0 ? 'o' : 'x' : scores[0].Data > scores[1].Data ? '░' : ' ');
    }
    Console.WriteLine();
}
return 0;
#endif

/// <summary>A number, what it was computed from, and the slope of the result in each of them.</summary>
internal sealed class Value(double data, params (Value Input, double Slope)[] inputs)
{
    public double Data = data, Gradient;

    public static implicit operator Value(double x) => new(x);

    public static Value operator +(Value a, Value b) => new(a.Data + b.Data, (a, 1), (b, 1));

    public static Value operator *(Value a, Value b) => new(a.Data * b.Data, (a, b.Data), (b, a.Data));

    public static Value operator -(Value a, Value b) => a + b * -1;

    public static Value operator /(Value a, Value b) => a * b.Pow(-1);

    public Value Pow(double n) => new(Math.Pow(Data, n), (this, n * Math.Pow(Data, n - 1)));

    public Value Exp() => new(Math.Exp(Data), (this, Math.Exp(Data)));

    public Value Log() => new(Math.Log(Data), (this, 1 / Data));

    public Value Relu() => new(Math.Max(Data, 0), (this, Data > 0 ? 1 : 0));

    public Value Tanh() => new(Math.Tanh(Data), (this, 1 - Math.Tanh(Data) * Math.Tanh(Data)));

    /// <summary>Adds to every number's gradient how fast this one grows with it: each number after all that were made from it.</summary>
    public void Backward()
    {
        var (order, seen) = (new List<Value>(), new HashSet<Value>());
        Visit(this);
        Gradient = 1;
        for (var i = order.Count - 1; i >= 0; i--)
            foreach (var (input, slope) in order[i]._inputs) input.Gradient += slope * order[i].Gradient;

        void Visit(Value value)
        {
            if (!seen.Add(value)) return;
            foreach (var (input, _) in value._inputs) Visit(input);
            order.Add(value);
        }
    }

    private readonly (Value Input, double Slope)[] _inputs = inputs;
}

/// <summary>A perceptron with one hidden layer of tanh; its outputs are scores, one per class.</summary>
internal sealed class Net(RandomStream random, int inputs, int hidden, int outputs)
{
    public readonly Value[] W1 = Draw(random.Fork(1), hidden * inputs, 1 / Math.Sqrt(inputs)), B1 = Draw(random, hidden, 0);
    public readonly Value[] W2 = Draw(random.Fork(2), outputs * hidden, 1 / Math.Sqrt(hidden)), B2 = Draw(random, outputs, 0);

    public IEnumerable<Value> Weights => [.. W1, .. B1, .. W2, .. B2];

    public Value[] Forward(double[] x) => Layer(W2, B2, [.. Layer(W1, B1, [.. x.Select(v => (Value)v)]).Select(v => v.Tanh())]);

    /// <summary>The mean of −ln softmax(scores)[label]: cross-entropy, in nats.</summary>
    public Value Loss(double[][] points, int[] labels)
    {
        var losses = points.Select((point, i) =>
        {
            var scores = Forward(point);
            return scores.Select(s => s.Exp()).Aggregate((a, b) => a + b).Log() - scores[labels[i]];
        });
        return losses.Aggregate((a, b) => a + b) / points.Length;
    }

    private static Value[] Layer(Value[] w, Value[] b, Value[] x) =>
        [.. b.Select((bias, row) => x.Select((value, column) => w[row * x.Length + column] * value).Aggregate(bias, (sum, product) => sum + product))];

    private static Value[] Draw(RandomStream random, int count, double deviation) => [.. Enumerable.Range(0, count).Select(i => (Value)(deviation * random.Normal((ulong)i)))];
}

/// <summary>Two half moons that reach into each other: no straight line parts them.</summary>
internal static class Moons
{
    public static (double[][] Points, int[] Labels) Draw(RandomStream random, int count)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 2)];
        return ([.. labels.Select((label, i) =>
        {
            var angle = Math.PI * random.Uniform((ulong)i);
            var (x, y) = label == 0 ? (Math.Cos(angle), Math.Sin(angle)) : (1 - Math.Cos(angle), 0.5 - Math.Sin(angle));
            return new[] { x + 0.1 * random.Normal((ulong)(count + 2 * i)), y + 0.1 * random.Normal((ulong)(count + 2 * i + 1)) };
        })], labels);
    }
}

/// <summary>The same loss with tensors: five lines, and every gradient at once.</summary>
internal static class Comparison
{
    public static double LargestDifference(Net net, double[][] points, int[] labels)
    {
        var (inputs, hidden, outputs) = (points[0].Length, net.B1.Length, net.B2.Length);
        using var tape = Tape.Start();
        Tensor w1 = Weight(net.W1, [hidden, inputs]), b1 = Weight(net.B1, [hidden]), w2 = Weight(net.W2, [outputs, hidden]), b2 = Weight(net.B2, [outputs]);
        var x = Tensor.From(points.SelectMany(p => p).ToArray(), [points.Length, inputs]);
        var gradients = tape.Backward(x.Linear(w1, b1).Tanh().Linear(w2, b2).CrossEntropy(Tensor.From(labels, [labels.Length])));
        return new[] { w1, b1, w2, b2 }.SelectMany(w => gradients[w].ToArray<double>()).Zip(net.Weights, (tensor, scalar) => Math.Abs(tensor - scalar.Gradient)).Max();
    }

    private static Tensor Weight(Value[] values, Shape shape) => Tensor.From(values.Select(v => v.Data).ToArray(), shape).WithGradient();
}
