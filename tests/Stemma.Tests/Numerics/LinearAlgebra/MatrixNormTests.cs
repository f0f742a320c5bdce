using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;
using Stemma.Tests.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.LinearAlgebra;

/// <summary>L1, Frobenius, spectral and nuclear norms on random matrices: what must hold between them, and values known otherwise.</summary>
public sealed class MatrixNormTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 7 }, { 3, 5 }, { 17, 4 }, { 20, 20 }, { 40, 61 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Singular_values_bind_the_norms_together(int rows, int columns)
    {
        var a = Matrix(1, rows, columns);
        var sigma = a.SingularValues();
        Assert.Equal(Math.Min(rows, columns), sigma.Length);
        Assert.Equal(sigma.OrderDescending(), sigma);
        double frobenius = a.FrobeniusNorm(), spectral = a.SpectralNorm(), nuclear = a.NuclearNorm(), rank = sigma.Length;
        Near(Math.Sqrt(sigma.Sum(s => s * s)), frobenius);
        Near(frobenius, a.NormL2().ToScalar());
        AtMost(spectral, frobenius);
        AtMost(frobenius, nuclear);
        AtMost(frobenius, Math.Sqrt(rank) * spectral);
        AtMost(nuclear, Math.Sqrt(rank) * frobenius);
        AtMost(nuclear, rank * spectral);
        AtMost(frobenius * frobenius, spectral * nuclear);  // Hölder
        AtMost(a.NormL1().ToScalar(), Math.Sqrt((double)rows * columns) * frobenius);
        Near(spectral, PowerIteration(a));
        Assert.Equal(sigma, a.Transposed.SingularValues(), (x, y) => Math.Abs(x - y) <= 1e-12 * spectral);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Norms_are_norms(int rows, int columns)
    {
        Tensor a = Matrix(1, rows, columns), b = Matrix(2, rows, columns), c = Matrix(3, columns, 9);
        foreach (var norm in (Func<Tensor, double>[])[MatrixNorms.FrobeniusNorm, MatrixNorms.SpectralNorm, MatrixNorms.NuclearNorm])
        {
            AtMost(norm(a + b), norm(a) + norm(b));
            Near(2.5 * norm(a), norm(a * -2.5));
            AtMost(norm(a.MatMul(c)), norm(a) * norm(c));
        }
        // ‖AB‖ ≤ ‖A‖₂·‖B‖, and |⟨A, B⟩| ≤ ‖A‖₂·‖B‖_*: the spectral and the nuclear norm are duals.
        AtMost(a.MatMul(c).NuclearNorm(), a.SpectralNorm() * c.NuclearNorm());
        AtMost(a.MatMul(c).FrobeniusNorm(), a.SpectralNorm() * c.FrobeniusNorm());
        AtMost(Math.Abs((a * b).Sum().ToScalar()), a.SpectralNorm() * b.NuclearNorm());
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(9, 5)]
    public void Rotations_change_no_norm(int rows, int columns)
    {
        var a = Matrix(1, rows, columns);
        var rotated = Orthogonal(2, rows).MatMul(a).MatMul(Orthogonal(3, columns));
        Near(a.FrobeniusNorm(), rotated.FrobeniusNorm());
        Near(a.SpectralNorm(), rotated.SpectralNorm());
        Near(a.NuclearNorm(), rotated.NuclearNorm());
        Assert.True(Math.Abs(a.NormL1().ToScalar() - rotated.NormL1().ToScalar()) > 1e-3); // the L1 norm knows its axes
    }

    [Fact]
    public void An_outer_product_has_one_norm()
    {
        Tensor u = Matrix(1, 6, 1), v = Matrix(2, 1, 11);
        var expected = u.NormL2().ToScalar() * v.NormL2().ToScalar();
        var a = u.MatMul(v);
        Near(expected, a.FrobeniusNorm());
        Near(expected, a.SpectralNorm());
        Near(expected, a.NuclearNorm());
        Near(u.NormL1().ToScalar() * v.NormL1().ToScalar(), a.NormL1().ToScalar());
    }

    [Fact]
    public void A_diagonal_shows_its_singular_values()
    {
        var a = Tensor.From<float>([0, -4, 0, 3, 0, 0], [2, 3]);
        Assert.Equal([4.0, 3.0], a.SingularValues(), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal((7, 5, 4, 7), (a.NormL1().ToScalar(), a.FrobeniusNorm(), Math.Round(a.SpectralNorm(), 12), Math.Round(a.NuclearNorm(), 12)));
    }

    [Fact]
    public void What_has_no_singular_values_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Tensor.Zeros([2, 3, 4]).SpectralNorm());
        Assert.Throws<ArgumentException>(() => Tensor.Full([2, 2], double.NaN).NuclearNorm());
        Assert.Equal(0, Tensor.Zeros([0, 4]).SpectralNorm());
        Assert.Equal(0, Tensor.Zeros([3, 4]).NuclearNorm());
    }

    [Fact]
    public void Clipping_bounds_the_same_norm()
    {
        Tensor w = Matrix(1, 5, 7).WithGradient(), b = Matrix(2, 1, 7).WithGradient();
        using var tape = Tape.Start();
        var gradients = tape.Backward((w * 3 + b).Square().Sum());
        var (before, norm) = (gradients[w].FrobeniusNorm(), Norm());
        Near(norm, gradients.Norm);
        gradients.ClipNorm(norm / 4);
        // Up to the 10⁻⁶ that keeps a norm of zero from dividing.
        Assert.Equal(norm / 4, Norm(), 1e-6);
        Assert.Equal(before / 4, gradients[w].FrobeniusNorm(), 1e-6);

        double Norm() => Math.Sqrt(Math.Pow(gradients[w].NormL2().ToScalar(), 2) + Math.Pow(gradients[b].NormL2().ToScalar(), 2));
    }

    /// <summary>The root of the largest eigenvalue of AᵀA, by multiplying with it until nothing changes.</summary>
    private static double PowerIteration(Tensor a)
    {
        var x = Matrix(9, a.Shape[1], 1);
        for (var i = 0; i < 4000; i++)
        {
            x = a.Transposed.MatMul(a.MatMul(x));
            x /= x.FrobeniusNorm();
        }
        return a.MatMul(x).FrobeniusNorm();
    }

    /// <summary>A product of reflections I − 2·vvᵀ/‖v‖².</summary>
    private static Tensor Orthogonal(ulong stream, int size)
    {
        var identity = Tensor.From([.. Enumerable.Range(0, size * size).Select(i => i % (size + 1) == 0 ? 1.0 : 0)], [size, size]);
        var product = identity;
        for (var i = 0; i < size; i++)
        {
            var v = Matrix(stream * 100 + (ulong)i, size, 1);
            product = product.MatMul(identity - v.MatMul(v.Transposed) * (2 / Math.Pow(v.FrobeniusNorm(), 2)));
        }
        return product;
    }

    private static Tensor Matrix(ulong stream, int rows, int columns) => new Input([rows, columns], Layout.Contiguous).Base(new RandomStream(43, stream));

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));

    private static void AtMost(double less, double more) => Assert.True(less <= more * (1 + 1e-9), $"{less} ≤ {more}");
}
