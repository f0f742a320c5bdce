using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Recurrent;

/// <summary>
/// Truncated backpropagation through time: windows of k steps, the state carried on and no gradient through it. Werbos 1990; Williams and
/// Peng 1990.
/// </summary>
public sealed class TruncationTests
{
    private const int Sequences = 2, Steps = 12, Inputs = 3, Units = 6;

    private static readonly float[] s_values = [.. Enumerable.Range(0, Sequences * Steps * Inputs).Select(i => (float)new RandomStream(5).Normal((ulong)i))];

    public static TheoryData<string> Kinds => ["rnn", "lstm", "gru"];

    [Theory, MemberData(nameof(Kinds))]
    public void With_windows_as_long_as_the_text_it_is_the_whole_gradient_and_it_comes_nearer_the_longer_they_are(string kind)
    {
        var (loss, whole) = Gradient(kind, Steps, carried: false);
        // A carried state that is empty, and a window that is the whole text: the same bits.
        var (carriedLoss, carriedWhole) = Gradient(kind, Steps, carried: true);
        Assert.Equal(loss, carriedLoss);
        Assert.Equal(whole, carriedWhole);
        var distances = new List<double>();
        foreach (var window in (int[])[1, 3, 6])
        {
            var (truncatedLoss, truncated) = Gradient(kind, window, carried: true);
            // Forwards nothing is cut: the state goes on.
            Assert.Equal(loss, truncatedLoss, 1e-5);
            distances.Add(Math.Sqrt(truncated.Zip(whole, (a, b) => Math.Pow(a - b, 2)).Sum() / whole.Sum(g => g * (double)g)));
        }
        Assert.True(distances[0] > 0.02, $"{distances[0]}");
        Assert.True(distances[0] > distances[1] && distances[1] > distances[2] && distances[2] > 0, string.Join(", ", distances));
    }

    // Of the sum of squared states, with respect to all weights.
    private static (double Loss, float[] Gradient) Gradient(string kind, int window, bool carried)
    {
        var weights = new Weights(new InitialWeights(3), Device.Cpu);
        RecurrentNetwork network = kind switch
        {
            "rnn" => new Rnn(weights, Inputs, Units),
            "lstm" => new Lstm(weights, Inputs, Units),
            _ => new Gru(weights, Inputs, Units),
        };
        using var state = new CarriedState(network.StateParts, Sequences, Device.Cpu);
        var (loss, sum) = (0.0, default(float[]));
        for (var start = 0; start < Steps; start += window)
        {
            using var tape = Tape.Start();
            // The window's rows of each sequence, one sequence after the other.
            var rows = Enumerable.Range(0, Sequences).SelectMany(s => Enumerable.Range(s * Steps + start, window)).ToArray();
            var x = Tensor.From([.. rows.SelectMany(row => s_values.AsSpan(row * Inputs, Inputs).ToArray())], [rows.Length, Inputs]);
            var (output, after) = network.Forward(x, new Pass(SequenceLayout.Batch(Sequences, window)), carried ? state.Tensors : null);
            var part = output.Square().Sum();
            loss += part.ToScalar();
            state.Replace(after);
            var gradients = tape.Backward(part);
            float[] own = [.. weights.All.SelectMany(weight => gradients[weight].ToArray<float>())];
            sum = sum is null ? own : [.. sum.Zip(own, (a, b) => a + b)];
        }
        return (loss, sum!);
    }
}
