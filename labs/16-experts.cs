#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 16: a crowd of experts, and who goes to whom.
//
//     dotnet run -c Release labs/16-experts.cs [folder] [steps]
//
// Rows come from eight places, and what is to be said of a row is another function at each. A mixture of eight small experts learns it under four
// routings: a row goes to its two best; the same with a loss for experts that are busier than others; the same with room for a quarter more
// than an equal share and no more; and experts that choose their rows. Left alone the crowd gathers where it is already best. The answer is a figure (SVG).
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 600;
var curves = new List<Series>();
foreach (var (name, routing, weight) in ExpertCrowd.Kinds)
{
    var crowd = new ExpertCrowd(routing, weight, seed: 2);
    var points = new List<ChartPoint>();
    foreach (var (step, seen) in crowd.Train(steps, rows: 128, learningRate: 3e-3).Index())
        if (step % Math.Max(1, steps / 40) == 0) points.Add((step + 1, 100 * seen.Busiest));
    var (error, busiest, dropped) = crowd.Measure(rows: 1024);
    Console.WriteLine($"{name,-22} busiest expert {busiest,6:P1} of the rows   dropped {dropped,6:P1}   error {error:F3}");
    curves.Add(new LineSeries(name, points));
}
new Chart
{
    Title = "The share of the busiest expert",
    Subtitle = "of eight experts, two for each row; 12.5 % would be equal loads",
    X = new LinearAxis("steps"),
    Y = new LinearAxis("% of what experts compute") { Minimum = 0 },
    Series = curves,
}.SaveSvg(Path.Combine(folder, "experts.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "experts.svg")}");
#endif

/// <summary>A mixture of experts that learns eight functions at eight places.</summary>
internal sealed class ExpertCrowd
{
    private const int Places = 8, Size = 16, Inner = 16;

    private readonly Weights _weights;
    private readonly MixtureOfExperts _mixture;
    private readonly Tensor _centres, _functions;
    private readonly double _loadWeight;
    private readonly Watch _watch = new();

    /// <summary>A new crowd.</summary>
    public ExpertCrowd(ExpertRouting routing, double loadWeight, ulong seed)
    {
        (_weights, _loadWeight) = (new(new InitialWeights(seed), Device.Cpu), loadWeight);
        var normal = new Initializer.Normal(0.25);
        _mixture = new(_weights.Linear("router", Size, Places, normal, hasBias: false), [.. Enumerable.Range(0, Places).Select(i => Expert(_weights["experts"][$"{i}"]))], routing, 0);
        _centres = Random(1, Places, 2);
        _functions = Random(2, Places * Size, 0.5);

        FeedForward Expert(IWeights weights) => new Mlp(weights.Linear("expand", Size, Inner, normal), Activation.Gelu, weights.Linear("contract", Inner, Size, normal), 0, 0);
    }

    /// <summary>The routings, and what equal loads are worth to them.</summary>
    public static IReadOnlyList<(string Name, ExpertRouting Routing, double LoadWeight)> Kinds { get; } =
        [("two best", new TopExperts(2), 0), ("and a loss for loads", new TopExperts(2), 0.1), ("room for 1.25 shares", new LimitedExperts(2, 1.25), 0), ("experts choose", new ExpertChoice(2), 0)];

    /// <summary>Trains; of each step the error and the busiest expert's share of the rows that are computed.</summary>
    public IEnumerable<(double Error, double Busiest)> Train(int steps, int rows, double learningRate)
    {
        var optimizer = new AdamWConfig { WeightDecay = 0 }.Build(_weights.All);
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var balance = new ExpertBalance();
            var (x, y) = Draw(rows, new RandomStream(7).Fork((ulong)step));
            var error = (_mixture.Forward(x, PassOf(rows, balance)) - y).Square().Mean();
            var value = error.ToScalar();
            optimizer.Step(tape.Backward(_loadWeight > 0 ? error + balance.LoadLoss() * _loadWeight : error).ClipNorm(1), learningRate);
            yield return (value, _watch.Busiest);
        }
    }

    /// <summary>Error, busiest share and share of choices that found no room, over rows that were never drawn.</summary>
    public (double Error, double Busiest, double Dropped) Measure(int rows)
    {
        using var scope = Memory.Scope();
        var balance = new ExpertBalance();
        var (x, y) = Draw(rows, new RandomStream(8));
        var error = (_mixture.Forward(x, PassOf(rows, balance)) - y).Square().Mean().ToScalar();
        return (error, _watch.Busiest, (double)balance.DroppedCount / balance.ChosenCount);
    }

    private Pass PassOf(int rows, ExpertBalance balance) => new(SequenceLayout.Batch(1, rows), Observer: _watch, Balance: balance);

    private (Tensor X, Tensor Y) Draw(int rows, RandomStream random)
    {
        using var pause = Tape.Pause();
        // Some places are met more often than others, as words are.
        int[] places = [.. Enumerable.Range(0, rows).Select(row => (int)(Places * Math.Pow(random.Uniform((ulong)row), 2)))];
        var around = Tensor.From([.. Enumerable.Range(0, rows * Size).Select(i => (float)random.Fork("around").Normal((ulong)i))], [rows, Size]);
        var x = _centres.Gather(Tensor.From(places, [rows])) + around;
        var y = TensorOps.Concatenate(0, [.. places.Select((place, row) => around.Slice(0, row, 1).MatMul(_functions.Slice(0, place * Size, Size)))]);
        return (x, y.Tanh());
    }

    private static Tensor Random(ulong place, int rows, double spread) =>
        Tensor.From([.. Enumerable.Range(0, rows * Size).Select(i => (float)(spread * new RandomStream(5).Fork(place).Normal((ulong)i)))], [rows, Size]);

    /// <summary>Sees how much each expert computes.</summary>
    private sealed class Watch : IObserver
    {
        public double Busiest { get; private set; }

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            if (site != Site.ExpertShares) return value;
            var counts = value.Detach().ToArray<float>().Chunk(value.Shape[1]).Aggregate(new int[value.Shape[1]], (sum, row) => [.. sum.Zip(row, (count, share) => count + (share > 0 ? 1 : 0))]);
            Busiest = (double)counts.Max() / counts.Sum();
            return value;
        }
    }
}
