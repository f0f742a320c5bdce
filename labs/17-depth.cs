#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 17: as deep as it takes.
//
//     dotnet run -c Release labs/17-depth.cs [folder] [steps]
//
// After six digits a model is asked for the greatest of the first so many. Three ways to spend less than four blocks on every row: adaptive
// computation, one block again and again until a row says it is done, time having its price (Graves 2016); early exit, a sequence that leaves
// once it is sure (Schuster et al. 2022); mixture of depths, blocks that let only some rows in (Raposo et al. 2024). The answer is a figure (SVG): what is
// right against what is computed.
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Schedules;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 500;
(string Name, DepthReader[] Readers)[] ways =
[
    ("adaptive computation", [.. ((double[])[0.2, 0.05, 0.002]).Select(price => DepthReader.Adaptive(price, seed: 1))]),
    ("early exit", [DepthReader.Leaving(seed: 1)]),
    ("mixture of depths", [.. ((double[])[0.25, 0.5, 1]).Select(capacity => DepthReader.Depths(capacity, seed: 1))]),
];
var curves = new List<Series>();
foreach (var (name, readers) in ways)
{
    var points = new List<ChartPoint>();
    foreach (var reader in readers)
    {
        foreach (var _ in reader.Train(steps, batch: 64, learningRate: 3e-3)) { }
        foreach (var margin in name == "early exit" ? (double[])[0, 0.5, 0.9, 2] : [2])
        {
            var (right, blocks) = reader.Measure(sequences: 512, margin);
            Console.WriteLine($"{name,-21} {blocks:F2} blocks for each row, {right:P1} right");
            points.Add((blocks, 100 * right));
        }
    }
    curves.Add(new LineSeries(name, [.. points.OrderBy(point => point.X)]));
}
new Chart
{
    Title = "What is right, and what it costs",
    Subtitle = $"the greatest of the first so many digits, after {steps} steps; four blocks at most",
    X = new LinearAxis("blocks for each row") { Minimum = 0 },
    Y = new LinearAxis("% right") { Minimum = 0, Maximum = 100 },
    Series = curves,
}.SaveSvg(Path.Combine(folder, "depth.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "depth.svg")}");
#endif

/// <summary>A reader of digits that may stop before its last block.</summary>
internal sealed class DepthReader
{
    private const int Digits = 6, Length = Digits + 1, Vocab = 10 + Digits, Hidden = 32, Depth = 4;

    private readonly Weights _weights;
    private readonly Embedding _tokens;
    private readonly SinusoidalPositions _positions = new(Hidden);
    private readonly Linear _head;
    private readonly Block[] _blocks;
    private readonly AdaptiveSteps? _adaptive;
    private readonly bool _leaves;
    private readonly double _price, _capacity = 1;

    private DepthReader(double? price, bool leaves, double? capacity, ulong seed)
    {
        _weights = new(new InitialWeights(seed), Device.Cpu);
        (_leaves, _price, _capacity) = (leaves, price ?? 0, capacity ?? 1);
        var normal = new Initializer.Normal(0.1);
        _tokens = new(_weights["tokens"], Vocab, Hidden, normal);
        _blocks = [.. Enumerable.Range(0, price is null ? Depth : 1).Select(layer => Build(_weights["blocks"][$"{layer}"], layer))];
        _head = _weights.Linear("head", Hidden, 10, normal);
        if (price is not null) _adaptive = new([.. Enumerable.Repeat(_blocks[0], Depth)], _weights.Linear("halting", Hidden, 1, normal));

        Block Build(IWeights weights, int layer)
        {
            Linear Linear(string name, int input, int output) => weights.Linear(name, input, output, normal);
            var attention = new SelfAttention(new SeparateProjections(Linear("q", Hidden, Hidden), Linear("k", Hidden, Hidden), Linear("v", Hidden, Hidden), Hidden / 4), Linear("o", Hidden, Hidden), new(), layer);
            var block = new PreNormBlock(new LayerNorm(weights["a"], Hidden, 1e-5), attention, new LayerNorm(weights["b"], Hidden, 1e-5), new Mlp(Linear("expand", Hidden, 4 * Hidden), Activation.Gelu, Linear("contract", 4 * Hidden, Hidden), layer, 0), layer);
            // The first block reads everything, so that later ones choose among rows that know something.
            return capacity is null || layer == 0 ? block : new MixtureOfDepths(block, Linear("router", Hidden, 1), new GreatestRows(_capacity), layer);
        }
    }

    /// <summary>One block until a row is done.</summary>
    /// <param name="price">What a step costs beside the loss, in nats.</param>
    /// <param name="seed">Of the weights.</param>
    public static DepthReader Adaptive(double price, ulong seed) => new(price, false, null, seed);

    /// <summary>Blocks to be left after any of them.</summary>
    public static DepthReader Leaving(ulong seed) => new(null, true, null, seed);

    /// <summary>Blocks that let a share of the rows in.</summary>
    public static DepthReader Depths(double capacity, ulong seed) => new(null, false, capacity, seed);

    /// <summary>Trains on sequences drawn at random; the loss of each step.</summary>
    public IEnumerable<double> Train(int steps, int batch, double learningRate)
    {
        var optimizer = new AdamWConfig().Build(_weights.All);
        var schedule = new LinearSchedule { LearningRate = learningRate, WarmupSteps = Math.Min(50, steps / 4) };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var (inputs, answers) = Draw(batch, new RandomStream(7).Fork((ulong)step));
            var (x, pass, ponder) = (Vectors(inputs), new Pass(SequenceLayout.Batch(batch, Length)), new PonderCost());
            var loss = _leaves ? new EarlyExit(_blocks, Head, 2).Loss(x, Targets(answers), pass) : Head(Deep(x, pass, ponder)).CrossEntropy(Targets(answers));
            if (_adaptive is not null) loss += ponder.Loss() * _price;
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The share of answers that are right, and the blocks that a row went through on average.</summary>
    public (double Right, double Blocks) Measure(int sequences, double margin)
    {
        using var scope = Memory.Scope();
        var (inputs, answers) = Draw(sequences, new RandomStream(8));
        var (x, pass, ponder) = (Vectors(inputs), new Pass(SequenceLayout.Batch(sequences, Length)), new PonderCost());
        var (logits, depths) = _leaves ? new EarlyExit(_blocks, Head, margin).Forward(x, pass) : (Last(Head(Deep(x, pass, ponder))), Array.Empty<int>());
        var right = logits.ToArray<float>().Chunk(10).Select((row, i) => Array.IndexOf(row, row.Max()) == answers[i] ? 1.0 : 0).Average();
        return (right, _leaves ? depths.Average() : _adaptive is not null ? ponder.Steps.Average() : 1 + (Depth - 1) * Math.Floor(_capacity * Length) / Length);
    }

    private static (int[] Inputs, int[] Answers) Draw(int sequences, RandomStream random)
    {
        var (inputs, answers) = (new List<int>(), new int[sequences]);
        for (var s = 0; s < sequences; s++)
        {
            int[] digits = [.. Enumerable.Range(0, Digits).Select(i => (int)random.Below(10, (ulong)(s * Length + i)))];
            var asked = 1 + (int)random.Below(Digits, (ulong)(s * Length + Digits));
            inputs.AddRange(digits);
            inputs.Add(9 + asked);
            answers[s] = digits[..asked].Max();
        }
        return ([.. inputs], answers);
    }

    private static Tensor Targets(int[] answers) =>
        Tensor.From([.. answers.SelectMany(answer => Enumerable.Repeat(TensorOps.IgnoreIndex, Digits).Append(answer))], [answers.Length * Length]);

    private static Tensor Last(Tensor rows) => rows.Gather(Tensor.From(Enumerable.Range(1, rows.Shape[0] / Length).Select(s => s * Length - 1).ToArray(), [rows.Shape[0] / Length]));

    private Tensor Vectors(int[] inputs) => _tokens.Forward(Tensor.From(inputs, [inputs.Length])) + _positions.Forward(SequenceLayout.Batch(inputs.Length / Length, Length).Positions, Device.Cpu);

    private Tensor Head(Tensor x) => _head.Forward(x, DType.Float32);

    private Tensor Deep(Tensor x, in Pass pass, PonderCost ponder)
    {
        if (_adaptive is not null) return _adaptive.Forward(x, pass, ponder);
        foreach (var block in _blocks) x = block.Forward(x, pass);
        return x;
    }
}
