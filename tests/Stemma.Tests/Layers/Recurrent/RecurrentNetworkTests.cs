using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Recurrent;

public sealed class RecurrentNetworkTests
{
    private const int InputSize = 6, HiddenSize = 9;
    private static readonly SequenceLayout s_layout = SequenceLayout.Packed(4, 0, 7, 1, 3);

    private static readonly Dictionary<string, Func<IWeights, int, RecurrentNetwork>> s_networks = new()
    {
        ["rnn"] = (weights, layers) => new Rnn(weights, InputSize, HiddenSize, layers),
        ["gru"] = (weights, layers) => new Gru(weights, InputSize, HiddenSize, layers),
        ["lstm"] = (weights, layers) => new Lstm(weights, InputSize, HiddenSize, layers),
        ["peephole"] = (weights, layers) => new PeepholeLstm(weights, InputSize, HiddenSize, layers),
    };

    public static TheoryData<string> Networks => [.. s_networks.Keys];

    private static Weights Fresh(ulong seed = 5) => new(new InitialWeights(seed), Device.Cpu);

    private static Tensor Values(ulong stream, Shape shape)
    {
        var random = new RandomStream(17, stream);
        return Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)random.Normal((ulong)i))], shape).WithGradient();
    }

    [Theory, MemberData(nameof(Networks))]
    public void Step_by_step_equals_all_at_once_with_all_gradients(string name)
    {
        var (fused, stepwise) = (Run(null), Run(new Onlooker()));
        foreach (var ((expected, actual), i) in fused.Zip(stepwise).Select((pair, i) => (pair, i))) Golden.Close(Array.ConvertAll(expected, v => (double)v), actual, 3e-6, $"{name} {i}");

        float[][] Run(IObserver? observer)
        {
            using var tape = Tape.Start();
            var weights = Fresh();
            var network = s_networks[name](weights, 2);
            var x = Values(1, [s_layout.QueryCount, InputSize]);
            Tensor[] states = [.. network.StateParts.Select((_, i) => Values(2 + (ulong)i, [s_layout.Count, HiddenSize]))];
            var (output, after) = network.Forward(x, new Pass(s_layout, Observer: observer), states);
            var loss = after.Aggregate((output * output).Sum(), (sum, state) => sum + (state * state * state).Sum());
            float[][] values = [output.ToArray<float>(), .. after.Select(state => state.ToArray<float>())];
            var gradients = tape.Backward(loss);
            return [.. values, .. ((Tensor[])[x, .. states, .. weights.All.Select(w => w.Value)]).Select(t => gradients[t].ToArray<float>())];
        }
    }

    [Fact]
    public void Peepholes_look_at_the_cell_before_and_the_output_gate_at_the_new_one()
    {
        var weights = Fresh();
        var network = new PeepholeLstm(weights, InputSize, HiddenSize);
        var x = Values(1, [5, InputSize]);
        var (output, states) = network.Forward(x, new Pass(SequenceLayout.Batch(1, 5)));
        var w = weights.All.ToDictionary(p => p.Name, p => p.Value.ToArray<float>());
        double[] h = new double[HiddenSize], c = new double[HiddenSize];
        for (var t = 0; t < 5; t++)
        {
            var before = (double[])h.Clone();
            for (var u = 0; u < HiddenSize; u++)
            {
                double i = Sigmoid(Sum(0) + w["weight_ph_l0"][u] * c[u]), f = Sigmoid(Sum(1) + w["weight_ph_l0"][HiddenSize + u] * c[u]);
                c[u] = f * c[u] + i * Math.Tanh(Sum(2));
                h[u] = Sigmoid(Sum(3) + w["weight_ph_l0"][2 * HiddenSize + u] * c[u]) * Math.Tanh(c[u]);

                double Sum(int gate)
                {
                    var row = gate * HiddenSize + u;
                    double sum = w["bias_ih_l0"][row] + w["bias_hh_l0"][row];
                    for (var k = 0; k < InputSize; k++) sum += w["weight_ih_l0"][row * InputSize + k] * x.ToArray<float>()[t * InputSize + k];
                    for (var k = 0; k < HiddenSize; k++) sum += w["weight_hh_l0"][row * HiddenSize + k] * before[k];
                    return sum;
                }
            }
            Golden.Close(h, output.ToArray<float>().AsSpan(t * HiddenSize, HiddenSize), 2e-6, $"h_{t}");
        }
        Golden.Close(c, states[1].ToArray<float>(), 2e-6, "c");

        static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
    }

    [Fact]
    public void Gradients_of_peepholes_are_those_of_differences()
    {
        var weights = Fresh();
        var network = new PeepholeLstm(weights, InputSize, HiddenSize);
        var x = Values(1, [s_layout.QueryCount, InputSize]);
        Gradients gradients;
        using (var tape = Tape.Start()) gradients = tape.Backward(Loss()).Keep(tape.Keep);
        const float step = 1e-2f;
        foreach (var weight in weights.All)
        {
            var (values, gradient) = (weight.Value, gradients[weight].ToArray<float>());
            for (var i = 0; i < gradient.Length; i += 7)
            {
                var kept = values.Span<float>()[i];
                values.Span<float>()[i] = kept + step;
                var above = Loss().ToScalar();
                values.Span<float>()[i] = kept - step;
                var below = Loss().ToScalar();
                values.Span<float>()[i] = kept;
                Assert.Equal((above - below) / (2 * step), gradient[i], 2e-3 * (1 + Math.Abs(gradient[i])));
            }
        }

        Tensor Loss()
        {
            var (output, states) = network.Forward(x, new Pass(s_layout));
            return (output * output).Sum() + states[1].Sum();
        }
    }

    [Fact]
    public void An_observer_sees_the_gates_and_may_hold_them()
    {
        var network = new Lstm(Fresh(), InputSize, HiddenSize);
        var (x, cell) = (Values(1, [s_layout.QueryCount, InputSize]), Values(2, [s_layout.Count, HiddenSize]));
        var seen = new Onlooker();
        network.Forward(x, new Pass(s_layout, Observer: seen));
        // Seven steps, and at each the sequences that still have a row.
        Assert.Equal([4, 3, 3, 2, 1, 1, 1], seen.Seen[Site.ForgetGate].Select(gate => gate.Length / HiddenSize));
        Assert.All(seen.Seen[Site.InputGate].SelectMany(gate => gate), gate => Assert.InRange(gate, 0.01f, 0.99f));
        foreach (var site in (Site[])[Site.Candidate, Site.OutputGate, Site.Cell, Site.HiddenState]) Assert.Equal(7, seen.Seen[site].Count);

        // A cell that forgets nothing and lets nothing in stays as it was: the constant error carousel.
        var hold = new Onlooker { [Site.ForgetGate] = 1, [Site.InputGate] = 0 };
        var (_, states) = network.Forward(x, new Pass(s_layout, Observer: hold), [Tensor.Zeros([s_layout.Count, HiddenSize]), cell]);
        Assert.Equal(cell.ToArray<float>(), states[1].ToArray<float>());
    }

    [Fact]
    public void A_bidirectional_layer_knows_the_past_and_the_future()
    {
        var weights = Fresh();
        RecurrentNetwork ahead = new Gru(weights["forward"], InputSize, HiddenSize), behind = new Gru(weights["backward"], InputSize, HiddenSize);
        var both = new Bidirectional(ahead, behind);
        var x = Values(1, [s_layout.QueryCount, InputSize]);
        var output = both.Forward(x, new Pass(s_layout)).ToArray<float>();
        Assert.Equal(ahead.Forward(x, new Pass(s_layout)).Output.ToArray<float>(), Columns(output, 0));
        // Backwards: the third sequence alone, its rows turned round.
        var turned = x.Gather(Tensor.From([10, 9, 8, 7, 6, 5, 4], [7]));
        var expected = behind.Forward(turned, new Pass(SequenceLayout.Batch(1, 7))).Output.ToArray<float>().Chunk(HiddenSize).Reverse().SelectMany(row => row);
        Assert.Equal(expected, Columns(output, HiddenSize).Skip(4 * HiddenSize).Take(7 * HiddenSize));

        static float[] Columns(float[] rows, int first) => [.. rows.Chunk(2 * HiddenSize).SelectMany(row => row[first..(first + HiddenSize)])];
    }

    [Fact]
    public void A_Jordan_network_hears_its_output_and_nothing_else()
    {
        var weights = Fresh();
        var network = new Jordan(weights, InputSize, HiddenSize, outputSize: 2);
        var (x, w) = (Values(1, [6, InputSize]).ToArray<float>(), weights.All.ToDictionary(p => p.Name, p => p.Value.ToArray<float>()));
        var output = network.Forward(Values(1, [6, InputSize]), SequenceLayout.Batch(1, 6)).Output.ToArray<float>();
        var (y, h) = (new double[2], new double[HiddenSize]);
        for (var t = 0; t < 6; t++)
        {
            for (var u = 0; u < HiddenSize; u++)
            {
                var sum = w["bias"][u] + Enumerable.Range(0, InputSize).Sum(k => (double)w["weight_ih"][u * InputSize + k] * x[t * InputSize + k]);
                h[u] = Math.Tanh(sum + w["weight_oh"][2 * u] * y[0] + w["weight_oh"][2 * u + 1] * y[1]);
            }
            for (var o = 0; o < 2; o++) y[o] = h.Select((value, u) => value * w["weight_ho"][o * HiddenSize + u]).Sum();
            Golden.Close(y, output.AsSpan(2 * t, 2), 3e-6, $"y_{t}");
        }
    }

    [Theory, MemberData(nameof(Networks))]
    public void Layers_drop_between_themselves_and_never_over_time(string name)
    {
        // Rows of ones into the first layer: each row is dropped from on its own.
        var dropout = new LayerDropout { Probability = 0.5 };
        var pass = new Pass(s_layout, Dropout: new RandomStream(3));
        var rows = dropout.BeforeLayer(Tensor.Full([s_layout.QueryCount, 200], 1), pass, 0).ToArray<float>().Chunk(200).ToArray();
        Assert.All(rows, row => Assert.InRange(row.Count(v => v == 0), 60, 140));
        Assert.All(rows.SelectMany(row => row), v => Assert.True(v is 0 or 2));
        Assert.NotEqual(rows[0], rows[1]);
        Assert.Null(dropout.HiddenMask(pass, 0, 9, DType.Float32, Device.Cpu));
        // Of one layer, the states differ by what it read and not by what came out of it.
        var network = s_networks[name](Fresh(), 1);
        var x = Values(1, [s_layout.QueryCount, InputSize]);
        var read = dropout.BeforeLayer(x, pass, 0);
        Assert.Equal(network.Forward(read, new Pass(s_layout)).States[0].ToArray<float>(), network.Forward(x, pass, dropout: dropout).States[0].ToArray<float>());
        Assert.Contains(0f, network.Forward(x, pass, dropout: dropout).Output.ToArray<float>());
    }

    [Fact]
    public void Variational_dropout_drops_the_same_at_every_step_of_a_sequence()
    {
        var dropout = new VariationalDropout { Words = 0.5, Layers = 0.5, Steps = 0.25 };
        var pass = new Pass(SequenceLayout.Packed(3, 2), Dropout: new RandomStream(3));
        var rows = dropout.BeforeLayer(Tensor.Full([5, 200], 1), pass, 0).ToArray<float>().Chunk(200).ToArray();
        Assert.Equal(rows[0], rows[2]);
        Assert.Equal(rows[3], rows[4]);
        Assert.NotEqual(rows[0], rows[3]);
        Assert.NotEqual(rows[0], dropout.AfterLayers(Tensor.Full([5, 200], 1), pass, 1).ToArray<float>().Chunk(200).First());
        var mask = dropout.HiddenMask(pass, 0, 400, DType.Float32, Device.Cpu)!.ToArray<float>();
        Assert.InRange(mask.Count(v => v == 0), 120, 280);
        Assert.All(mask, v => Assert.True(v == 0 || Math.Abs(v - 4 / 3f) < 1e-6));
        // Forty sequences of one word, twice: dropped in both places or in none, in about half of the sequences.
        var words = new Pass(SequenceLayout.Batch(40, 2), Dropout: new RandomStream(4));
        var kept = dropout.OfTokens(Tensor.From(Enumerable.Repeat(7, 80).ToArray(), [80]), Tensor.Full([80, 1], 1), words).ToArray<float>().Chunk(2).ToArray();
        Assert.All(kept, pair => Assert.Equal(pair[0], pair[1]));
        Assert.InRange(kept.Count(pair => pair[0] == 0), 10, 30);
    }

    [Theory, MemberData(nameof(Networks))]
    public void Without_a_stream_nothing_is_dropped_and_a_mask_changes_what_a_step_sees(string name)
    {
        var network = s_networks[name](Fresh(), 2);
        var x = Values(1, [s_layout.QueryCount, InputSize]);
        var plain = network.Forward(x, new Pass(s_layout)).Output.ToArray<float>();
        Assert.Equal(plain, network.Forward(x, new Pass(s_layout), dropout: new VariationalDropout()).Output.ToArray<float>());
        var pass = new Pass(s_layout, Dropout: new RandomStream(1));
        var rarely = network.Forward(x, pass, dropout: new VariationalDropout { Layers = 0, Steps = 1e-9 }).Output.ToArray<float>();
        Golden.Close(Array.ConvertAll(plain, v => (double)v), rarely, 3e-6, "masks of ones");
        var masked = network.Forward(x, pass, dropout: new VariationalDropout { Layers = 0, Steps = 0.5 }).Output.ToArray<float>();
        Assert.Equal(rarely.AsSpan(0, HiddenSize).ToArray(), masked.AsSpan(0, HiddenSize).ToArray());   // before the first step the state is zero
        Assert.NotEqual(rarely.AsSpan(HiddenSize, HiddenSize).ToArray(), masked.AsSpan(HiddenSize, HiddenSize).ToArray());
    }

    private sealed class Onlooker : Dictionary<Site, float>, IObserver
    {
        public Dictionary<Site, List<float[]>> Seen { get; } = [];

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            if (!Seen.TryGetValue(site, out var list)) Seen[site] = list = [];
            list.Add(value.ToArray<float>());
            return TryGetValue(site, out var held) ? Tensor.Full(value.Shape, held, value.DType) : value;
        }
    }
}
