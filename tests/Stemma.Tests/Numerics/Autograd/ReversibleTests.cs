using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

public sealed class ReversibleTests
{
    private const int Rows = 600, Size = 32;

    [Fact]
    public void Gradients_are_those_of_the_plain_layers()
    {
        var plain = Gradients(4, reversible: false, out _);
        var computedAgain = Gradients(4, reversible: true, out _);
        Assert.Equal(plain.Length, computedAgain.Length);
        for (var i = 0; i < plain.Length; i++) Golden.Close([.. plain[i].Select(x => (double)x)], computedAgain[i], 1e-5, $"gradient {i}");
    }

    [Fact]
    public void Memory_does_not_grow_with_depth()
    {
        Gradients(2, reversible: true, out var few);
        Gradients(16, reversible: true, out var many);
        Gradients(2, reversible: false, out var fewPlain);
        Gradients(16, reversible: false, out var manyPlain);
        // Gradients of weights are there once each, whatever is kept.
        var weights = 2L * 14 * Size * Size * sizeof(float);
        Assert.InRange(many - few, 0, 2 * weights);
        Assert.True(manyPlain - fewPlain > 20 * (many - few), $"{few} and {many} bytes reversible, {fewPlain} and {manyPlain} plain");
    }

    [Fact]
    public void A_weight_of_several_layers_gets_the_sum_of_its_gradients()
    {
        var weight = Normal([Size, Size], 0.1, 3).WithGradient();
        var x = Normal([Rows, Size], 1, 4);
        Reversible[] layers = [Layer(weight, weight, 1), Layer(weight, weight, 2)];
        Golden.Close([.. Gradient(plain: true).Select(g => (double)g)], Gradient(plain: false), 1e-5);

        float[] Gradient(bool plain)
        {
            using var tape = Tape.Start();
            Tensor y1 = x, y2 = x;
            if (plain)
                foreach (var layer in layers)
                {
                    y1 += layer.First(y2);
                    y2 += layer.Second(y1);
                }
            else (y1, y2) = Reversible.Run(layers, x, x, [weight]);
            return tape.Backward((y1 * y2).Mean())[weight].ToArray<float>();
        }
    }

    private static float[][] Gradients(int depth, bool reversible, out long peak)
    {
        var weights = Enumerable.Range(0, 2 * depth).Select(i => Normal([Size, Size], 0.1, (ulong)i).WithGradient()).ToArray();
        var x = Normal([Rows, Size], 1, 99).WithGradient();
        var layers = Enumerable.Range(0, depth).Select(i => Layer(weights[2 * i], weights[2 * i + 1], (ulong)i)).ToArray();
        using var watch = Memory.Watch();
        using var tape = Tape.Start();
        Tensor y1 = x, y2 = x * 0.5;
        if (reversible)
        {
            (y1, y2) = Reversible.Run(layers, y1, y2, weights);
        }
        else
        {
            foreach (var layer in layers)
            {
                y1 += layer.First(y2);
                y2 += layer.Second(y1);
            }
        }
        var gradients = tape.Backward((y1 * y2).Mean() + y2.Square().Mean());
        peak = watch.PeakBytes;
        return [gradients[x].ToArray<float>(), .. weights.Select(w => gradients[w].ToArray<float>())];
    }

    // Dropout too: the same is dropped when a layer is computed again.
    private static Reversible Layer(Tensor first, Tensor second, ulong stream) => new(
        x => x.Linear(first).Tanh().Dropout(0.1, new RandomStream(1, stream)), x => x.Linear(second).GeluTanh());

    private static Tensor Normal(Shape shape, double deviation, ulong stream)
    {
        var random = new RandomStream(8, stream);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.Normal((ulong)i));
        return Tensor.From(values, shape);
    }
}
