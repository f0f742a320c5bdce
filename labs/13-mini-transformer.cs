#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 13: a Transformer put together from parts, and what each part is there for.
//
//     dotnet run -c Release labs/13-mini-transformer.cs [folder] [steps]
//
// A language model of two blocks is assembled by hand from the library's parts: vectors, positions, attention, feed-forward, norms, a head. It
// learns to say a row of digits backwards, and to add up to it: after 3 1 4 1 5 and a bar come 5 1 4 1 3 and then the sum's last digit. Then it is
// assembled again without one part at a time. The answer is a figure (SVG): who learns it, and who cannot.
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Schedules;

#if !LINKED // The tests compile the classes below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 600;
var curves = new List<Series>();
foreach (var left in (LeftOut[])[LeftOut.None, LeftOut.Positions, LeftOut.Attention, LeftOut.FeedForward, LeftOut.Norms])
{
    var model = new MiniTransformer(left, seed: 1);
    var points = new List<ChartPoint>();
    foreach (var (step, loss) in model.Train(steps, batch: 32, learningRate: 3e-3).Index())
        if ((step + 1) % Math.Max(1, steps / 12) == 0) points.Add((step + 1, 100 * model.Accuracy(64)));
    Console.WriteLine($"{Name(left),-22} {points[^1].Y:F0} % of the digits right");
    curves.Add(new LineSeries(Name(left), points));
}
new Chart
{
    Title = "A Transformer without one of its parts",
    Subtitle = "digits to be said backwards, then their sum's last digit",
    X = new LinearAxis("steps"),
    Y = new LinearAxis("% of the digits that follow from what came before") { Minimum = 0, Maximum = 100 },
    Series = curves,
}.SaveSvg(Path.Combine(folder, "mini-transformer.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "mini-transformer.svg")}");

static string Name(LeftOut left) => left switch { LeftOut.None => "whole", LeftOut.FeedForward => "without feed-forward", _ => $"without {left.ToString().ToLowerInvariant()}" };
#endif

/// <summary>What is left out.</summary>
internal enum LeftOut
{
    None,
    Positions,
    Attention,
    FeedForward,
    Norms,
}

/// <summary>Two blocks over digits.</summary>
internal sealed class MiniTransformer
{
    private const int Digits = 6, Bar = 10, Vocab = 11, Hidden = 48, Heads = 4, Length = 2 * Digits + 1;

    private readonly Weights _weights;
    private readonly Embedding _tokens;
    private readonly SinusoidalPositions? _positions;
    private readonly Block[] _blocks;
    private readonly Norm _norm;
    private readonly Linear _head;

    /// <summary>Puts it together.</summary>
    public MiniTransformer(LeftOut left, ulong seed)
    {
        _weights = new Weights(new InitialWeights(seed), Device.Cpu);
        var normal = new Initializer.Normal(0.1);
        _tokens = new(_weights["tokens"], Vocab, Hidden, normal);
        _positions = left == LeftOut.Positions ? null : new(Hidden);
        _blocks = [.. Enumerable.Range(0, 2).Select(layer => Build(_weights[layer]["block"], layer))];
        _norm = Norm(_weights["norm"]);
        _head = _weights.Linear("head", Hidden, Vocab, normal);

        Block Build(IWeights weights, int layer)
        {
            Linear Linear(string name, int input, int output) => weights.Linear(name, input, output, normal);
            var input = new SeparateProjections(Linear("q", Hidden, Hidden), Linear("k", Hidden, Hidden), Linear("v", Hidden, Hidden), Hidden / Heads);
            // Without attention a row sees itself alone.
            var window = left == LeftOut.Attention ? new AttentionWindow(0, 0) : AttentionWindow.Causal;
            var attention = new SelfAttention(input, Linear("o", Hidden, Hidden), new() { Window = window }, layer);
            FeedForward feedForward = left == LeftOut.FeedForward ? new Nothing() : new Mlp(Linear("expand", Hidden, 4 * Hidden), Activation.Gelu, Linear("contract", 4 * Hidden, Hidden), layer, 0);
            return new PreNormBlock(Norm(weights["first"]), attention, Norm(weights["second"]), feedForward, layer);
        }

        Norm Norm(IWeights weights) => left == LeftOut.Norms ? new Same() : new LayerNorm(weights, Hidden, 1e-5);
    }

    /// <summary>Trains on rows drawn at random; the loss of each step, in nats for each digit that follows from what came before.</summary>
    public IEnumerable<double> Train(int steps, int batch, double learningRate)
    {
        var optimizer = new AdamWConfig().Build(_weights.All);
        var schedule = new LinearSchedule { LearningRate = learningRate, WarmupSteps = Math.Min(50, steps / 4) };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var (inputs, targets) = Draw(batch, new RandomStream(7).Fork((ulong)step));
            var loss = Logits(inputs).CrossEntropy(Tensor.From(targets, [targets.Length]));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The share of digits said rightly in rows that were never drawn.</summary>
    public double Accuracy(int rows)
    {
        using var scope = Memory.Scope();
        var (inputs, targets) = Draw(rows, new RandomStream(8));
        var guesses = Logits(inputs).ToArray<float>().Chunk(Vocab).Select(row => Array.IndexOf(row, row.Max()));
        return guesses.Zip(targets).Where(pair => pair.Second != TensorOps.IgnoreIndex).Average(pair => pair.First == pair.Second ? 1.0 : 0);
    }

    private static (int[] Inputs, int[] Targets) Draw(int rows, RandomStream random)
    {
        var (inputs, targets) = (new List<int>(), new List<int>());
        for (var row = 0; row < rows; row++)
        {
            int[] digits = [.. Enumerable.Range(0, Digits).Select(i => (int)random.Below(10, (ulong)(row * Digits + i)))];
            int[] all = [.. digits, Bar, .. Enumerable.Reverse(digits), digits.Sum() % 10];
            inputs.AddRange(all[..^1]);
            targets.AddRange(all[1..].Select((digit, i) => i < Digits ? TensorOps.IgnoreIndex : digit));
        }
        return ([.. inputs], [.. targets]);
    }

    private Tensor Logits(int[] inputs)
    {
        var pass = new Pass(SequenceLayout.Batch(inputs.Length / Length, Length));
        var x = _tokens.Forward(Tensor.From(inputs, [inputs.Length]));
        if (_positions is not null) x += _positions.Forward(pass.Positions(), x.Device);
        foreach (var block in _blocks) x = block.Forward(x, pass);
        return _head.Forward(_norm.Forward(x), DType.Float32);
    }

    private sealed class Nothing : FeedForward
    {
        public override Tensor Forward(Tensor x, in Pass pass) => Tensor.Zeros(x.Shape, x.DType, x.Device);
    }

    private sealed class Same : Norm
    {
        public override Tensor Forward(Tensor x, DType? output) => x;
    }
}
