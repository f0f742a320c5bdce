using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Autograd;

/// <summary>Forward and reverse mode agree with each other, with differences, and with what is known in closed form.</summary>
public sealed class JacobianTests
{
    [Fact]
    public void That_of_the_softmax_is_diag_p_less_p_times_p()
    {
        var x = Input(1, 6);
        var p = x.Softmax().ToArray<double>();
        double[] expected = [.. Enumerable.Range(0, 36).Select(k => (k / 6 == k % 6 ? p[k / 6] : 0) - p[k / 6] * p[k % 6])];
        Close.Check(Jacobian.ByReverse(z => z.Softmax(), x).ToArray<double>(), expected, 1e-12, "Jacobian by reverse mode");
        Close.Check(Jacobian.ByForward(z => z.Softmax(), x).ToArray<double>(), expected, 1e-12, "Jacobian by forward mode");
    }

    public static TheoryData<string> Functions => ["linear", "mlp", "norm", "attention", "matmul", "constant", "broadcast"];

    [Theory, MemberData(nameof(Functions))]
    public void Both_modes_equal_differences(string name)
    {
        var w = Input(2, 5, 4);
        Func<Tensor, Tensor> f = name switch
        {
            "linear" => z => z.Linear(w),
            "mlp" => z => z.Linear(w).Tanh().Linear(Input(3, 3, 5)).GeluTanh(),
            "norm" => z => z.LayerNorm(Input(4, 4), Input(5, 4)),
            "attention" => z => TensorOps.Attention(z.Reshape(3, 1, 4), z.Tanh().Reshape(3, 1, 4), z.Square().Reshape(3, 1, 4), SequenceLayout.Batch(1, 3), AttentionWindow.Causal),
            "matmul" => z => z.MatMul(z.Transposed).Exp(),
            "constant" => _ => w,
            _ => z => z.Sum() * w,
        };
        var x = Input(9, 3, 4) * 0.5;
        Tensor reverse = Jacobian.ByReverse(f, x), forward = Jacobian.ByForward(f, x);
        var differences = Differences(f, x);
        Assert.Equal([(int)f(x).Count, 12], reverse.Shape.ToArray());
        Assert.Equal(reverse.Shape, forward.Shape);
        Close.Check(reverse.ToArray<double>(), differences, 1e-7, "Jacobian by reverse mode");
        Close.Check(forward.ToArray<double>(), reverse.ToArray<double>(), 1e-12, "Jacobian by forward mode");

        // ⟨u, J·v⟩ = ⟨Jᵀu, v⟩.
        Tensor u = new Input(f(x).Shape, Layout.Contiguous).Base(new RandomStream(3)), v = Input(11, 3, 4);
        Assert.Equal((u * Jacobian.Product(f, x, v)).Sum().ToScalar(), (Jacobian.TransposedProduct(f, x, u) * v).Sum().ToScalar(), 1e-9);
    }

    [Fact]
    public void A_vector_of_another_shape_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Jacobian.Product(z => z, Input(1, 2), Input(1, 3)));
        Assert.Throws<ArgumentException>(() => Jacobian.TransposedProduct(z => z, Input(1, 2), Input(1, 3)));
    }

    private static double[] Differences(Func<Tensor, Tensor> f, Tensor x)
    {
        const double step = 1e-6;
        var columns = Enumerable.Range(0, (int)x.Count).Select(j => At(j, step).Zip(At(j, -step), (a, b) => (a - b) / (2 * step)).ToArray()).ToArray();
        return [.. Enumerable.Range(0, columns[0].Length).SelectMany(i => columns.Select(column => column[i]))];

        double[] At(int place, double by)
        {
            var values = x.ToArray<double>();
            values[place] += by;
            return f(Tensor.From(values, x.Shape, Device.Reference)).ToArray<double>();
        }
    }

    private static Tensor Input(ulong stream, params int[] sizes) => new Input(Shape.Create(sizes), Layout.Contiguous).Base(new RandomStream(53, stream));
}
