#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 10: to remember two numbers over a hundred steps.
//
//     dotnet run -c Release labs/10-long-memory.cs [folder] [steps of a sequence] [updates]
//
// A sequence brings a number at every step; two of them are marked, one in each half, and their sum is asked for at the end. A tanh
// network cannot learn it once the sequence is long: what the first mark did to its state has faded, and so has the gradient that would
// tell it so. An LSTM writes the number into a cell and closes the gate. Both get the same sequences. The answer is a figure (SVG): the
// error of both as they learn, beside that of saying 1 each time.
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Training.Tasks;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var length = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 100;
var updates = args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1200;
var curves = new List<Series>();
foreach (var (name, network) in ((string, Func<IWeights, RecurrentNetwork>)[])
    [("tanh network, 64 units", LongMemory.Simple), ("LSTM, 32 units", weights => LongMemory.Gated(weights, length))])
{
    var memory = new LongMemory(network, seed: 1);
    var points = new List<ChartPoint>();
    foreach (var (number, errors) in memory.Train(length, updates).Chunk(25).Index())
    {
        points.Add(((number + 1) * 25, errors.Average()));
        if (number % 8 == 7) Console.WriteLine($"{name,-24} update {(number + 1) * 25,4}: error {errors.Average():F4}");
    }
    Console.WriteLine($"{name,-24} on 500 fresh sequences of {length} steps: {memory.Error(length):F4}\n");
    curves.Add(new LineSeries(name, points));
}
new Chart
{
    Title = "The adding problem",
    Subtitle = $"Two marked numbers out of {length}: mean square error while learning, over 25 updates each",
    X = new LinearAxis("updates"),
    Y = new LogAxis("mean square error"),
    Series = [.. curves, new LineSeries("always 1", [(25, AddingProblem.Baseline), (updates, AddingProblem.Baseline)]) { IsDashed = true }],
}.SaveSvg(Path.Combine(folder, "long-memory.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "long-memory.svg")}");
#endif

/// <summary>A recurrent layer that reads numbers and marks, and a line from its last state to the sum.</summary>
internal sealed class LongMemory
{
    private readonly Weights _weights;
    private readonly RecurrentNetwork _network;
    private readonly Linear _output;
    private readonly RandomStream _random;

    public LongMemory(Func<IWeights, RecurrentNetwork> network, ulong seed)
    {
        // So small a net is faster on one thread.
        _weights = new(new InitialWeights(seed), Device.CreateCpu(1));
        _network = network(_weights["rnn"]);
        _output = _weights.Linear("output", _network.HiddenSize, 1, new Initializer.Uniform(1 / Math.Sqrt(_network.HiddenSize)));
        _random = new RandomStream(seed).Fork("sequences");
    }

    public static RecurrentNetwork Simple(IWeights weights) => new Rnn(weights, 2, 64);

    /// <summary>Forget gates that begin open keep what is written; how far open differs from unit to unit, so that some memory fits.</summary>
    public static RecurrentNetwork Gated(IWeights weights, int longest)
    {
        var network = new Lstm(weights, 2, 32);
        network.ChronoGates(longest, new(1));
        return network;
    }

    /// <summary>The mean square error of each update's sequences.</summary>
    public IEnumerable<double> Train(int length, int updates, int batch = 32, double learningRate = 3e-3)
    {
        var optimizer = new AdamConfig().Build(_weights.All);
        for (var update = 0; update < updates; update++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var loss = Loss(AddingProblem.Draw(batch, length, _random.Fork((ulong)update)), length);
            optimizer.Step(tape.Backward(loss).ClipNorm(1), learningRate);
            yield return loss.ToScalar();
        }
    }

    public double Error(int length)
    {
        using var scope = Memory.Scope();
        return Loss(AddingProblem.Draw(500, length, _random.Fork("test")), length).ToScalar();
    }

    private Tensor Loss(AddingProblem problem, int length)
    {
        var (states, _) = _network.Forward(problem.Inputs, new Pass(problem.Layout));
        int[] last = [.. Enumerable.Range(1, problem.Layout.Count).Select(sequence => sequence * length - 1)];
        return (_output.Forward(states.Gather(Tensor.From(last, [last.Length]))) - problem.Sums).Square().Mean();
    }
}
