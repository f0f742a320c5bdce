#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 05: a network that reads letter by letter, and how far back it can learn.
//
//     dotnet run -c Release labs/05-char-rnn.cs [folder] [steps]
//
// A simple recurrent network and an LSTM learn the .NET reference documentation, one letter after the other. Both have the same
// recipe and as many units as give them about as many weights. Then the lab asks each: how much does the last state depend on a
// letter that lies k steps back? What a gradient does not reach cannot be learned. The answer is a figure (SVG). A second one shows one
// unit of the LSTM at work: what its gates let in, keep and show while it reads a line.
using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;
using Stemma.Text.Corpora;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 300;
var text = string.Concat(Corpus.Open("dotnet-docs").Documents().Take(300).Select(document => document.Text + "\n"));
text = text[..Math.Min(text.Length, 400_000)];
var curves = new List<Series>();
foreach (var (name, network) in ((string, Func<IWeights, int, RecurrentNetwork>)[])
    [("tanh RNN", (weights, input) => new Rnn(weights, input, 256)), ("LSTM", (weights, input) => new Lstm(weights, input, 112))])
{
    var model = new CharacterModel(text, network, seed: 1);
    var losses = new List<double>();
    foreach (var loss in model.Train(steps, streams: 16, window: 64, learningRate: 3e-3))
    {
        losses.Add(loss);
        if (losses.Count % 50 == 0) Console.WriteLine($"{name,-8} step {losses.Count,4}: {losses.TakeLast(50).Average() / Math.Log(2):F3} bits/character");
    }
    Console.WriteLine($"{name,-8} {model.WeightCount:N0} weights write: {model.Write("Gets ", 100).ReplaceLineEndings(" ")}\n");
    var lags = model.GradientByLag(100);
    Console.WriteLine($"{name,-8} gradient 10 steps back: {lags[10] / lags[0]:E1} of that of the last letter; 50 back: {lags[50] / lags[0]:E1}; 99 back: {lags[99] / lags[0]:E1}\n");
    if (name == "LSTM")
    {
        const string line = "Gets or sets the value of the property, or null. Returns true if";
        var trace = model.Trace(line);
        trace.Figure([.. line.Select(letter => $"{letter}")], trace.LiveliestUnit(Site.Cell)).SaveSvg(Path.Combine(folder, "gate-trace.svg"));
        Console.WriteLine($"Wrote {Path.Combine(folder, "gate-trace.svg")}\n");
    }
    curves.Add(new LineSeries(name, Series.Values(lags.Select(length => Math.Max(length / lags[0], 1e-12)))));
}
var chart = new Chart
{
    Title = "How far back a gradient reaches",
    Subtitle = $"‖∂h/∂x‖ by lag after {steps} steps on the .NET documentation, relative to the last letter",
    X = new LinearAxis("letters back"),
    Y = new LogAxis("gradient of the last state"),
    Series = curves,
};
chart.SaveSvg(Path.Combine(folder, "gradient-lag.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "gradient-lag.svg")}");
#endif

/// <summary>A language model of letters: a vector per letter, one recurrent layer, a projection; trained on streams whose states are carried along.</summary>
internal sealed class CharacterModel
{
    private readonly char[] _letters;
    private readonly int[] _text;
    private readonly Weights _weights;
    private readonly Embedding _embedding;
    private readonly RecurrentNetwork _network;
    private readonly Linear _output;

    public CharacterModel(string text, Func<IWeights, int, RecurrentNetwork> network, ulong seed)
    {
        const int embeddingSize = 32;
        _letters = [.. text.Distinct().Order()];
        _text = [.. text.Select(letter => Array.BinarySearch(_letters, letter))];
        _weights = new(new InitialWeights(seed), Device.Cpu);
        _embedding = new(_weights["letters"], _letters.Length, embeddingSize, new Initializer.Normal(1));
        _network = network(_weights["rnn"], embeddingSize);
        _output = _weights.Linear("output", _network.HiddenSize, _letters.Length, new Initializer.Uniform(1 / Math.Sqrt(_network.HiddenSize)));
    }

    public long WeightCount => _weights.All.Sum(weight => weight.Shape.Count);

    /// <summary>The loss of each step, in nats per letter.</summary>
    public IEnumerable<double> Train(int steps, int streams, int window, double learningRate)
    {
        var optimizer = new AdamConfig().Build(_weights.All);
        using var state = new CarriedState(_network.StateParts, streams, Device.Cpu);
        var (length, layout) = (_text.Length / streams, SequenceLayout.Batch(streams, window));
        var windows = (length - 1) / window;
        for (var step = 0; step < steps; step++)
        {
            if (step % windows == 0) state.Reset();
            int[] Letters(int shift) => [.. Enumerable.Range(0, streams * window).Select(i => _text[i / window * length + step % windows * window + i % window + shift])];
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var (hidden, states) = _network.Forward(_embedding.Forward(Tensor.From(Letters(0), [streams * window])), new Pass(layout), state.Tensors);
            var loss = _output.Forward(hidden).CrossEntropy(Tensor.From(Letters(1), [streams * window]));
            state.Replace(states);
            optimizer.Step(tape.Backward(loss).ClipNorm(1), learningRate);
            yield return loss.ToScalar();
        }
    }

    /// <summary>Continues a text by drawing letters as likely as the model thinks them.</summary>
    public string Write(string start, int count)
    {
        var (written, random) = (start, new RandomStream(1));
        IReadOnlyList<Tensor>? states = null;
        foreach (var position in Enumerable.Range(0, start.Length + count - 1))
        {
            var letter = Tensor.From([Math.Max(0, Array.BinarySearch(_letters, written[position]))], [1]);
            (var hidden, states) = _network.Forward(_embedding.Forward(letter), new Pass(SequenceLayout.Batch(1, 1)), states);
            if (position < start.Length - 1) continue;
            var (draw, chosen) = (random.Uniform((ulong)position), -1);
            foreach (var probability in _output.Forward(hidden).Softmax().ToArray<float>())
            {
                chosen++;
                if ((draw -= probability) < 0) break;
            }
            written += _letters[chosen];
        }
        return written;
    }

    /// <summary>Reads a text and keeps what every gate did. Letters that training never saw are read as the first one it knows.</summary>
    public GateTrace Trace(string text)
    {
        var trace = new GateTrace();
        int[] letters = [.. text.Select(letter => Math.Max(0, Array.BinarySearch(_letters, letter)))];
        _network.Forward(_embedding.Forward(Tensor.From(letters, [letters.Length])), new Pass(SequenceLayout.Batch(1, letters.Length), Observer: trace));
        return trace;
    }

    /// <summary>The length of the gradient of the last state with respect to each letter's vector, averaged over some places of the text.</summary>
    public double[] GradientByLag(int lags)
    {
        const int places = 8;
        var mean = new double[lags];
        for (var place = 0; place < places; place++)
        {
            var first = (_text.Length - lags) / places * place;
            var x = _embedding.Forward(Tensor.From(_text.AsSpan(first, lags), [lags]));
            foreach (var (lag, length) in GradientLag.Measure(_network, x).Index()) mean[lag] += length / places;
        }
        return mean;
    }
}
