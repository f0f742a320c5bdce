#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 14: how a model knows where it is, and what it does where it has never been.
//
//     dotnet run -c Release labs/14-positions.cs [folder] [steps]
//
// Small decoders that differ in nothing but their positions learn the .NET reference documentation letter by letter, in texts of 64 letters, and
// are then read texts of up to 512. Vectors of positions have no more to say beyond the last one, or say what was never heard; angles that no
// query has met come out as noise; a penalty for distance goes on as it was (Press et al. 2021, arXiv:2108.12409). The answer is a figure (SVG).
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Composed;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Schedules;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;
using Stemma.Text.Corpora;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 500;
var text = string.Join('\n', Corpus.Open("dotnet-docs").Documents().Take(2000).Select(document => document.Text));
var curves = new List<Series>();
foreach (var (name, positions) in PositionReader.Kinds)
{
    var places = new PositionReader(text, positions, trained: 64, longest: 512, seed: 1);
    foreach (var _ in places.Train(steps, batch: 16, learningRate: 3e-3)) { }
    var points = new List<ChartPoint>();
    foreach (var length in (int[])[64, 128, 256, 512])
        if (places.Loss(length, texts: 16) is { } loss) points.Add((length, loss));
    Console.WriteLine($"{name,-11} {string.Join("   ", points.Select(point => $"{point.X,3}: {point.Y:F3}"))}{(points.Count == 1 ? "   and no further" : "")}");
    curves.Add(new LineSeries(name, points));
}
new Chart
{
    Title = "Read beyond the length that was learned",
    Subtitle = $"trained for {steps} steps on texts of 64 letters of the .NET documentation; the last 32 letters of longer ones",
    X = new LogAxis("letters of the text"),
    Y = new LinearAxis("nats for each letter"),
    Series = curves,
}.SaveSvg(Path.Combine(folder, "positions.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "positions.svg")}");
#endif

/// <summary>A small decoder over letters with one kind of positions.</summary>
internal sealed class PositionReader
{
    private const int Judged = 32;

    private readonly int[] _training, _unseen;
    private readonly int _trained;
    private readonly NeuralLanguageModel _model;

    /// <summary>Reads the text, a tenth of it kept apart.</summary>
    public PositionReader(string text, PositionsConfig positions, int trained, int longest, ulong seed)
    {
        char[] letters = [.. text.Distinct().Order()];
        int[] tokens = [.. text.Select(letter => Array.BinarySearch(letters, letter))];
        (_training, _unseen, _trained) = (tokens[..(tokens.Length * 9 / 10)], tokens[(tokens.Length * 9 / 10)..], trained);
        // Learned vectors are as many as there were places to learn them at.
        _model = new ComposedConfig
        {
            VocabSize = letters.Length,
            ContextLength = positions is LearnedPositionsConfig ? trained : longest,
            LayerCount = 2,
            HeadCount = 4,
            HiddenSize = 64,
            IntermediateSize = 128,
            Positions = positions,
        }.Build(new Weights(new InitialWeights(seed), Device.Cpu));
    }

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<(string Name, PositionsConfig Positions)> Kinds { get; } =
        [("none", new NoPositionsConfig()), ("learned", new LearnedPositionsConfig()), ("sinusoidal", new SinusoidalPositionsConfig()), ("rotary", new RotaryPositionsConfig()), ("ALiBi", new AlibiPositionsConfig()), ("buckets", new BucketPositionsConfig())];

    /// <summary>Trains on texts drawn at random; the loss of each step, in nats for each letter.</summary>
    public IEnumerable<double> Train(int steps, int batch, double learningRate)
    {
        var optimizer = new AdamWConfig().Build(_model.Parameters);
        var schedule = new LinearSchedule { LearningRate = learningRate, WarmupSteps = Math.Min(50, steps / 4) };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(7).Fork((ulong)step);
            int[] starts = [.. Enumerable.Range(0, batch).Select(i => (int)random.Below(_training.Length - _trained, (ulong)i))];
            var loss = _model.Loss(Ids(_training, starts, _trained), Ids(_training, [.. starts.Select(start => start + 1)], _trained), new(SequenceLayout.Batch(batch, _trained)));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The mean loss of the last letters of unseen texts of a length, the same letters whatever the length; null where the model has no positions for them.</summary>
    public double? Loss(int length, int texts)
    {
        if (length > _model.ContextLength) return null;
        using var scope = Memory.Scope();
        var longest = _unseen.Length / texts;
        int[] starts = [.. Enumerable.Range(0, texts).Select(i => (i + 1) * longest - 1 - length)];
        int[] targets = [.. starts.SelectMany(start => _unseen.AsSpan(start + 1, length).ToArray().Select((token, i) => i < length - Judged ? TensorOps.IgnoreIndex : token))];
        return _model.Loss(Ids(_unseen, starts, length), Tensor.From(targets, [targets.Length]), new(SequenceLayout.Batch(texts, length))).ToScalar();
    }

    private static Tensor Ids(int[] tokens, int[] starts, int length) => Tensor.From<int>([.. starts.SelectMany(start => tokens[start..(start + length)])], [starts.Length * length]);
}
