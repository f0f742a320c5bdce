#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 15: a hole in a sentence, and what is known from either side of it.
//
//     dotnet run -c Release labs/15-bert-fill-in.cs [folder] [steps]
//
// A small BERT learns the .NET reference documentation with words hidden, which it is to guess from the rest. Then words that it has
// never seen hidden are asked for: with the whole line, with what comes before alone, and with what comes after alone. A model that
// reads from left to right only ever has the second. The answer is a figure (SVG), and some lines with their holes filled.
using Stemma.Layers;
using Stemma.Models.Bert;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Text.Tokenizers.Words;
using Stemma.Training.Objectives;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;
using Stemma.Text.Corpora;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 6000;
string[] lines = [.. Corpus.Open("dotnet-docs").Documents().Take(3000).SelectMany(document => document.Text.Split('\n')).Where(line => line.Split(' ').Length is > 5 and < 24)];
var model = new FillIn(lines[..^500], words: 2000, seed: 1);
var count = 0;
foreach (var loss in model.Train(steps, batch: 32, learningRate: 2e-3))
    if (++count % 50 == 0) Console.WriteLine($"step {count,4}: {loss:F3} nats for each hidden word");
Console.WriteLine();
foreach (var line in (string[])["Gets or sets the [MASK] of the current instance.", "Returns true if the two objects [MASK] equal; otherwise, false.", "Writes the [MASK] to the stream."])
    Console.WriteLine($"{line}\n   {string.Join(", ", model.Fill(line, 5).Select(guess => $"{guess.Word} {guess.Probability:P0}"))}");
double[] right = [model.Accuracy(lines[^500..], before: true, after: true), model.Accuracy(lines[^500..], before: true, after: false), model.Accuracy(lines[^500..], before: false, after: true)];
new Chart
{
    Title = "Both sides of a hole tell more than one",
    Subtitle = $"hidden words of unseen lines that are guessed, after {steps} steps on the .NET documentation",
    X = new CategoryAxis("what is read", ["the whole line", "what comes before", "what comes after"]),
    Y = new LinearAxis("share guessed") { Minimum = 0 },
    Series = [new BarSeries("BERT", Series.Values(right))],
}.SaveSvg(Path.Combine(folder, "fill-in.svg"));
Console.WriteLine($"\nGuessed with the whole line {right[0]:P1}, with what comes before {right[1]:P1}, with what comes after {right[2]:P1}.\nWrote {Path.Combine(folder, "fill-in.svg")}");
#endif

/// <summary>A small BERT over words that fills holes.</summary>
internal sealed class FillIn
{
    private const int Length = 32;

    private readonly Stemma.Text.Tokenizers.Tokenizer _words;
    private readonly int[][] _lines;
    private readonly MaskedLanguageModel _model;
    private readonly MaskedTokens _masking;
    private readonly int _mask, _begin;

    /// <summary>Reads the lines.</summary>
    public FillIn(IReadOnlyList<string> lines, int words, ulong seed)
    {
        _words = new WordTrainer { VocabSize = words }.Train(lines);
        (_mask, _begin) = (_words.VocabSize, _words.VocabSize + 1);
        _lines = [.. lines.Select(Encode)];
        var config = new BertConfig { VocabSize = _words.VocabSize + 2, LayerCount = 2, HeadCount = 4, HiddenSize = 64, IntermediateSize = 128, ContextLength = Length, Dropout = 0, AttentionDropout = 0 };
        _model = new(config, new Weights(new InitialWeights(seed), Device.Cpu));
        _masking = new() { Mask = _mask, VocabSize = _words.VocabSize, Special = new HashSet<int> { _mask, _begin } };
    }

    /// <summary>Trains on lines drawn at random; the loss of each step, in nats for each hidden word.</summary>
    public IEnumerable<double> Train(int steps, int batch, double learningRate)
    {
        var optimizer = new AdamWConfig().Build(_model.Parameters);
        var schedule = new LinearSchedule { LearningRate = learningRate, WarmupSteps = Math.Min(50, steps / 4) };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(7).Fork((ulong)step);
            int[][] drawn = [.. Enumerable.Range(0, batch).Select(i => _lines[(int)random.Below(_lines.Length, (ulong)i)])];
            var hidden = drawn.Select((line, i) => _masking.Apply(line, random.Fork((ulong)i))).ToArray();
            var loss = _model.Loss(Ids([.. hidden.SelectMany(pair => pair.Inputs)]), null, Ids([.. hidden.SelectMany(pair => pair.Targets)]), PassOf(drawn));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The likeliest words for the hole [MASK] of a line.</summary>
    public IReadOnlyList<(string Word, double Probability)> Fill(string line, int most)
    {
        var parts = line.Split("[MASK]");
        int[] before = Encode(parts[0].Trim()), after = Encode(parts[1].Trim());
        int[] tokens = [.. before, _mask, .. after[1..]];
        return [.. Probabilities(tokens, before.Length).Index().OrderByDescending(word => word.Item).Take(most).Select(word => (_words.Decode([word.Index]).Trim(), (double)word.Item))];
    }

    /// <summary>The share of lines whose middle word is guessed from what is left of the line.</summary>
    public double Accuracy(IReadOnlyList<string> lines, bool before, bool after)
    {
        var right = 0;
        foreach (var line in lines)
        {
            var tokens = Encode(line);
            var hole = tokens.Length / 2;
            int[] read = [.. before ? tokens[..hole] : [_begin], _mask, .. after ? tokens[(hole + 1)..] : []];
            var guesses = Probabilities(read, before ? hole : 1);
            if (guesses.AsSpan().IndexOf(guesses.Max()) == tokens[hole]) right++;
        }
        return (double)right / lines.Count;
    }

    private float[] Probabilities(int[] tokens, int hole)
    {
        using var scope = Memory.Scope();
        return _model.Logits(Ids(tokens), null, PassOf([tokens])).Slice(0, hole, 1).Softmax().ToArray<float>()[.._words.VocabSize];
    }

    private int[] Encode(string line) => [_begin, .. _words.Encode(line).Take(Length - 1)];

    private static Pass PassOf(int[][] lines) => new(SequenceLayout.Packed([.. lines.Select(line => line.Length)]));

    private static Tensor Ids(int[] ids) => Tensor.From(ids, [ids.Length]);
}
