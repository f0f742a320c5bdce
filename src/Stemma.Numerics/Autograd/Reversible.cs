using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Autograd;

/// <summary>
/// Layers that can be run backwards: y₁ = x₁ + F(x₂), y₂ = x₂ + G(y₁), so x₂ = y₂ − G(y₁), x₁ = y₁ − F(x₂). Of any number of them the tape keeps
/// the last outputs alone, and the backward pass computes the inputs again from them. Gomez et al. 2017, arXiv:1707.04585, section 3.
/// </summary>
/// <param name="First">F, [rows, size] to the same; gives the same bits each time: its random numbers come from streams.</param>
/// <param name="Second">G, likewise.</param>
public sealed record Reversible(Func<Tensor, Tensor> First, Func<Tensor, Tensor> Second)
{
    /// <summary>The outputs of layers, one after the other.</summary>
    /// <param name="layers">In their order.</param>
    /// <param name="x1">[rows, size].</param>
    /// <param name="x2">[rows, size].</param>
    /// <param name="weights">Every tensor that the layers read and that requires a gradient.</param>
    /// <remarks>Inputs that are computed again differ by rounding, and with them gradients: about as much as those of another order of sums.</remarks>
    public static (Tensor Y1, Tensor Y2) Run(IReadOnlyList<Reversible> layers, Tensor x1, Tensor x2, IReadOnlyList<Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(x1);
        ArgumentNullException.ThrowIfNull(x2);
        ArgumentNullException.ThrowIfNull(weights);
        if (x1.Shape != x2.Shape || x1.Rank != 2) throw new ArgumentException($"The halves are [rows, size], the same for both; got {x1.Shape} and {x2.Shape}.", nameof(x2));
        if (!Tape.IsRecording || Tape.IsHigherOrder) return Plain(layers, x1, x2);
        var rows = x1.Shape[0];
        var y = Forward(layers, x1, x2);
        y = Tape.Record(y, [x1, x2, .. weights], [y], dy => Backward(layers, y, dy, weights));
        return (y.Slice(0, 0, rows), y.Slice(0, rows, rows));
    }

    private static (Tensor Y1, Tensor Y2) Plain(IReadOnlyList<Reversible> layers, Tensor x1, Tensor x2)
    {
        foreach (var layer in layers)
        {
            x1 = x1.Add(layer.First(x2));
            x2 = x2.Add(layer.Second(x1));
        }
        return (x1, x2);
    }

    /// <summary>Both outputs, one below the other; what layers make on the way is given back layer by layer.</summary>
    private static Tensor Forward(IReadOnlyList<Reversible> layers, Tensor x1, Tensor x2)
    {
        using var pause = Tape.Pause();
        var rows = x1.Shape[0];
        var y = Tensor.Empty([2 * rows, x1.Shape[1]], x1.DType, x1.Device);
        var (y1, y2) = (y.Slice(0, 0, rows), y.Slice(0, rows, rows));
        y1.CopyFrom(x1);
        y2.CopyFrom(x2);
        foreach (var layer in layers)
        {
            using var scope = Memory.Scope();
            y1.CopyFrom(y1 + layer.First(y2));
            y2.CopyFrom(y2 + layer.Second(y1));
        }
        return y;
    }

    private static Tensor?[] Backward(IReadOnlyList<Reversible> layers, Tensor y, Tensor dy, IReadOnlyList<Tensor> weights)
    {
        var (rows, size) = (y.Shape[0] / 2, y.Shape[1]);
        Tensor Half(Tensor both, int half)
        {
            var copy = Tensor.Empty([rows, size], y.DType, y.Device);
            copy.CopyFrom(both.Detach().Slice(0, half * rows, rows));
            return copy;
        }

        Tensor x1 = Half(y, 0), x2 = Half(y, 1), d1 = Half(dy, 0), d2 = Half(dy, 1);
        var sums = new Dictionary<Tensor, Tensor>();
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            Undo(layers[i].Second, x1, x2, d1, d2);
            Undo(layers[i].First, x2, x1, d2, d1);
        }
        return [d1, d2, .. weights.Select(weight => sums.GetValueOrDefault(weight))];

        // output −= f(input); the gradient of f adds to the input's. All in the same memory, whatever the depth.
        void Undo(Func<Tensor, Tensor> f, Tensor input, Tensor output, Tensor dInput, Tensor dOutput)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var read = input.Detach().WithGradient();
            var added = f(read);
            using (Tape.Pause()) output.CopyFrom(output - added.Detach());
            var gradients = tape.Backward(added, dOutput);
            using var pause = Tape.Pause();
            if (gradients.TryGet(read, out var gradient)) dInput.CopyFrom(dInput + gradient);
            foreach (var weight in weights)
            {
                if (!gradients.TryGet(weight, out gradient)) continue;
                if (sums.TryGetValue(weight, out var sum)) sum.CopyFrom(sum + gradient);
                else sums.Add(weight, scope.Keep(tape.Keep(gradient)));
            }
        }
    }
}
