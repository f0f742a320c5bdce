using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

public sealed class HigherOrderTests
{
    [Fact]
    public void Derivatives_of_a_power_can_be_taken_until_none_is_left()
    {
        using var tape = Tape.Start(higherOrder: true);
        var x = Tensor.Scalar(3.0, Device.Reference).WithGradient();
        var y = x.Square().Square();
        foreach (var expected in new[] { 4 * 27.0, 12 * 9, 24 * 3, 24 })
        {
            y = tape.Backward(y)[x];
            Assert.Equal(expected, y.ToScalar(), 1e-9);
        }
    }

    [Fact]
    public void Backward_may_run_twice_and_gives_the_same()
    {
        using var tape = Tape.Start(higherOrder: true);
        var x = Input(1, 7).WithGradient();
        var loss = x.Softmax().Square().Sum();
        Assert.Equal(tape.Backward(loss)[x].ToArray<double>(), tape.Backward(loss)[x].ToArray<double>());
    }

    public static TheoryData<string> Cases => [.. OpCatalogue.All.Where(c => c.IsSmall).Select(c => c.Name)];

    /// <summary>The derivative of Σ gradient ⊙ v with respect to the inputs, against differences of gradients along v.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Hessian_vector_product_of_every_operation_equals_differences_of_gradients(string name)
    {
        var op = OpCatalogue.Named(name);
        CheckHessian(op.Bases(), bases => op.Loss(bases, out var y) + (y * y * y).Sum() / 3);
    }

    [Fact]
    public void Hessian_vector_product_of_a_small_function_equals_its_formula()
    {
        // f = x²y + exp(z)·x: the Hessian is [[2y, 2x, e^z], [2x, 0, 0], [e^z, 0, x·e^z]].
        using var tape = Tape.Start(higherOrder: true);
        Tensor[] w = [.. new[] { 0.5, -1.5, 0.25 }.Select(value => Tensor.Scalar(value, Device.Reference).WithGradient())];
        var gradients = tape.Backward(w[0].Square() * w[1] + w[2].Exp() * w[0]);
        var along = gradients[w[0]] * 2 + gradients[w[1]] * 3 - gradients[w[2]];
        var product = tape.Backward(along);
        var e = Math.Exp(0.25);
        Close.Check([.. w.Select(x => product[x].ToScalar())], [2 * -1.5 * 2 + 3 - e, 2, 2 * e - 0.5 * e], 1e-12, "Hessian-vector product");
    }

    [Fact]
    public void Hessian_vector_product_of_a_tiny_transformer_equals_differences_of_gradients()
    {
        const int vocab = 7, hidden = 6, heads = 2;
        Tensor[] weights =
        [
            Input(1, vocab, hidden), Input(2, hidden), Input(3, hidden), Input(4, 3 * hidden, hidden), Input(5, 3 * hidden), Input(6, hidden, hidden),
            Input(7, hidden), Input(8, 2 * hidden, hidden), Input(9, hidden, 2 * hidden),
        ];
        CheckHessian(weights, Loss);

        static Tensor Loss(Tensor[] w)
        {
            var ids = Tensor.From([1, 4, 2, 0, 6, 3, 3], [7], Device.Reference);
            var targets = Tensor.From([4, 2, 0, 5, 3, 3, TensorOps.IgnoreIndex], [7], Device.Reference);
            var x = w[0].Gather(ids);
            var parts = x.LayerNorm(w[1], w[2]).Linear(w[3], w[4]).Split(-1, 3);
            Tensor[] qkv = [.. parts.Select(part => part.Reshape(7, heads, hidden / heads))];
            var attention = TensorOps.Attention(qkv[0], qkv[1], qkv[2], SequenceLayout.Packed(4, 3), AttentionWindow.Causal, dropoutProbability: 0.2, dropout: new RandomStream(3));
            x += attention.Reshape(7, hidden).Linear(w[5]);
            x += x.RmsNorm(w[6]).Linear(w[7]).GeluTanh().Dropout(0.1, new RandomStream(4)).Linear(w[8]);
            return x.LinearCrossEntropy(w[0], targets, labelSmoothing: 0.1);
        }
    }

    private static void CheckHessian(Tensor[] weights, Func<Tensor[], Tensor> loss)
    {
        const double step = 1e-5;
        Tensor[] direction = [.. weights.Select((w, i) => new Input(w.Shape, Layout.Contiguous, -1, 1).Base(new RandomStream(77, (ulong)i)))];
        double[] product;
        using (var tape = Tape.Start(higherOrder: true))
        {
            Tensor[] w = [.. weights.Select(x => x.Detach().WithGradient())];
            var gradients = tape.Backward(loss(w));
            var along = Tensor.Scalar(0.0, Device.Reference);
            for (var i = 0; i < w.Length; i++)
                if (gradients.TryGet(w[i], out var gradient)) along += (gradient * direction[i]).Sum();
            product = along.RequiresGradient ? All(w, tape.Backward(along)) : new double[weights.Sum(x => x.Count)];
        }
        var (above, below) = (GradientAt(step), GradientAt(-step));
        Close.Check(product, [.. above.Zip(below, (a, b) => (a - b) / (2 * step))], 1e-6, "Hessian-vector product");

        double[] GradientAt(double distance)
        {
            using var tape = Tape.Start();
            Tensor[] w = [.. weights.Select((x, i) => (x + direction[i] * distance).Detach().WithGradient())];
            return All(w, tape.Backward(loss(w)));
        }

        static double[] All(Tensor[] w, Gradients gradients) =>
            [.. w.SelectMany(x => gradients.TryGet(x, out var gradient) ? gradient.ToArray<double>() : new double[x.Count])];
    }

    private static Tensor Input(ulong stream, params int[] sizes) => new Input(Shape.Create(sizes), Layout.Contiguous, -1, 1).Base(new RandomStream(31, stream));
}
