using System.Numerics;
using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;
using Stemma.Tests.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.LinearAlgebra;

/// <summary>Eigenvalues, singular values and low rank: what defines them, and exact numbers.</summary>
public sealed class DecompositionTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 1, 6 }, { 5, 1 }, { 7, 4 }, { 4, 9 }, { 24, 24 }, { 61, 33 } };

    [Theory, MemberData(nameof(Sizes))]
    public void Singular_vectors_are_at_right_angles_and_give_the_matrix_back(int rows, int columns)
    {
        var a = Matrix(1, rows, columns);
        var svd = SingularDecomposition.Of(a);
        var least = Math.Min(rows, columns);
        Assert.Equal([rows, least, columns, least], [.. svd.Left.Shape.ToArray(), .. svd.Right.Shape.ToArray()]);
        Orthonormal(svd.Left);
        Orthonormal(svd.Right);
        Assert.Equal(a.SingularValues(), svd.Values, (x, y) => Math.Abs(x - y) <= 1e-12 * svd.Values[0]);
        Close.Check(svd.Approximation(least).ToArray<double>(), a.ToArray<double>(), 1e-12, "product of the factors");
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Cut_short_it_is_nearer_than_any_other_matrix_of_its_rank(int rows, int columns)
    {
        // Eckart & Young: the error is the root of the sum of squares of what was cut; in the spectral norm, the first of it.
        var a = Matrix(2, rows, columns);
        var svd = SingularDecomposition.Of(a);
        Assert.Equal(a.FrobeniusNorm(), svd.Error(0), 1e-12 * svd.Values[0] * svd.Values.Count);
        for (var rank = 1; rank < svd.Values.Count; rank += 3)
        {
            var (left, right) = svd.Factors(rank);
            Assert.Equal([rows, rank, rank, columns], [.. left.Shape.ToArray(), .. right.Shape.ToArray()]);
            var rest = a - svd.Approximation(rank);
            Assert.Equal(svd.Error(rank), rest.FrobeniusNorm(), 1e-10);
            Assert.Equal(svd.Values[rank], rest.SpectralNorm(), 1e-10);
            // Others of the rank: near it, and the best that random columns allow.
            var other = (left + Matrix(3, rows, rank) * 1e-3).MatMul(right);
            Assert.True((a - other).FrobeniusNorm() > svd.Error(rank));
            var basis = SingularDecomposition.Of(a.MatMul(Matrix(4, columns, rank))).Left;
            Assert.True((a - basis.MatMul(basis.Transposed.MatMul(a))).FrobeniusNorm() >= svd.Error(rank) - 1e-10);
        }
    }

    [Fact]
    public void Singular_values_and_eigenvalues_are_the_exact_ones()
    {
        // Of the 6 × 4 Hilbert matrix, of a matrix and of its symmetric part: roots of the characteristic polynomials in rational arithmetic, found to 70 digits.
        var hilbert = Tensor.From([.. Enumerable.Range(0, 24).Select(i => 1.0 / (i / 4 + i % 4 + 1))], [6, 4], Device.Reference);
        Assert.Equal([1.5552291675960364, 0.20104609177021682, 0.010356688120803379, 0.00023980479206933342], SingularDecomposition.Of(hilbert).Values, (x, y) => Math.Abs(x - y) < 1e-14);
        var a = Tensor.From([4, -2, 1, 0.5, 3, 1, -1, 2, -1, 2.5, 0, -3, 0.25, -1.5, 2, 1], [4, 4], Device.Reference);
        Complex[] expected = [new(0.8887406495978093, 3.7902829438092445), new(0.8887406495978093, -3.7902829438092445), new(2.111259350402191, 0.5059952497572933), new(2.111259350402191, -0.5059952497572933)];
        Assert.Equal(expected, EigenDecomposition.Of(a).Values, (x, y) => (x - y).Magnitude < 1e-12);
        Assert.Equal([4.135910769038482, 1.359828552667308, 1.1033703176682568, -0.5991096393740464], SymmetricEigenDecomposition.Of((a + a.Transposed) / 2).Values, (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(40)]
    public void A_symmetric_matrix_only_stretches_its_eigenvectors(int n)
    {
        var a = Matrix(5, n, n);
        a += a.Transposed;
        var eigen = SymmetricEigenDecomposition.Of(a);
        Assert.Equal(eigen.Values.OrderDescending(), eigen.Values);
        Orthonormal(eigen.Vectors);
        var values = Tensor.From(eigen.Values.ToArray(), [n], Device.Reference);
        Assert.True((a.MatMul(eigen.Vectors) - eigen.Vectors * values).FrobeniusNorm() < 1e-12 * n * a.FrobeniusNorm());
        Close.Check((eigen.Vectors * values).MatMul(eigen.Vectors.Transposed).ToArray<double>(), a.ToArray<double>(), 1e-12, "product of the factors");
        Assert.Equal(Enumerable.Range(0, n).Sum(i => a.ToArray<double>()[i * n + i]), eigen.Values.Sum(), 1e-10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(40)]
    public void Any_square_matrix_only_stretches_its_eigenvectors(int n)
    {
        var a = Matrix(6, n, n);
        var (eigen, elements) = (EigenDecomposition.Of(a), a.ToArray<double>());
        Assert.Equal(n, eigen.Values.Count);
        for (var k = 0; k < n; k++)
        {
            var (value, vector) = (eigen.Values[k], eigen.Vectors[k]);
            if (k > 0) Assert.True(value.Magnitude <= eigen.Values[k - 1].Magnitude);
            Assert.Equal(1, vector.Sum(x => x.Magnitude * x.Magnitude), 1e-12);
            for (var i = 0; i < n; i++)
                Assert.True((Enumerable.Range(0, n).Aggregate(Complex.Zero, (sum, j) => sum + elements[i * n + j] * vector[j]) - value * vector[i]).Magnitude < 1e-9 * a.FrobeniusNorm());
        }
        Assert.Equal(0, eigen.Values.Sum(value => value.Imaginary), 1e-10);
        Assert.Equal(Enumerable.Range(0, n).Sum(i => elements[i * n + i]), eigen.Values.Sum(value => value.Real), 1e-10);
    }

    [Fact]
    public void A_rotation_stretches_no_real_direction()
    {
        var turn = Tensor.From([Math.Cos(0.3), -Math.Sin(0.3), Math.Sin(0.3), Math.Cos(0.3)], [2, 2], Device.Reference);
        var values = EigenDecomposition.Of(turn).Values;
        Assert.All(values, value => Assert.Equal(1, value.Magnitude, 1e-14));
        Assert.Equal([-0.3, 0.3], values.Select(value => value.Phase).Order(), (x, y) => Math.Abs(x - y) < 1e-14);
    }

    [Fact]
    public void What_cannot_be_decomposed_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SingularDecomposition.Of(Tensor.Zeros([2, 2, 2])));
        Assert.Throws<ArgumentException>(() => SingularDecomposition.Of(Tensor.Zeros([0, 2])));
        Assert.Throws<ArgumentException>(() => EigenDecomposition.Of(Tensor.Zeros([2, 3])));
        Assert.Throws<ArgumentException>(() => EigenDecomposition.Of(Tensor.Full([2, 2], double.PositiveInfinity)));
        Assert.Contains("not symmetric", Assert.Throws<ArgumentException>(() => SymmetricEigenDecomposition.Of(Matrix(1, 3, 3))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => SingularDecomposition.Of(Matrix(1, 3, 2)).Factors(3));
    }

    [Fact]
    public void Lanczos_finds_both_ends_of_a_spectrum()
    {
        const int n = 120;
        var a = Matrix(7, n, n);
        a = (a + a.Transposed) / 2;
        var (exact, elements) = (SymmetricEigenDecomposition.Of(a), a.ToArray<double>());
        var lanczos = Lanczos.Run(n, 60, Multiply, new RandomStream(1));
        Assert.Equal(60, lanczos.Values.Count);
        // In float32: a part in ten thousand of the largest.
        var tolerance = 1e-4 * exact.Values[0];
        foreach (var end in (int[])[0, 1, 2])
        {
            Assert.Equal(exact.Values[end], lanczos.Values[end].Value, tolerance);
            Assert.Equal(exact.Values[^(end + 1)], lanczos.Values[^(end + 1)].Value, tolerance);
        }
        // A true eigenvalue lies as near as each residual says, and the direction is stretched by its value.
        Assert.All(lanczos.Values, ritz => Assert.True(exact.Values.Min(value => Math.Abs(value - ritz.Value)) <= ritz.Residual + tolerance));
        var (vector, product) = (lanczos.Vector(0), new float[n]);
        Multiply(vector, product);
        for (var i = 0; i < n; i++) Assert.Equal(lanczos.Values[0].Value * vector[i], product[i], 10 * tolerance);

        // A matrix of rank two is known after three products.
        Assert.Equal(3, Lanczos.Run(n, 60, (x, y) =>
        {
            Array.Clear(y);
            (y[3], y[70]) = (5 * x[3], -2 * x[70]);
        }, new RandomStream(1)).Values.Count);
        Assert.Throws<ArithmeticException>(() => Lanczos.Run(4, 2, (_, y) => Array.Fill(y, float.NaN), new RandomStream(1)));

        void Multiply(float[] x, float[] y)
        {
            for (var i = 0; i < n; i++)
            {
                var sum = 0.0;
                for (var j = 0; j < n; j++) sum += elements[i * n + j] * x[j];
                y[i] = (float)sum;
            }
        }
    }

    private static void Orthonormal(Tensor columns)
    {
        var product = columns.Transposed.MatMul(columns).ToArray<double>();
        var n = columns.Shape[1];
        for (var i = 0; i < product.Length; i++) Assert.Equal(i % (n + 1) == 0 ? 1 : 0, product[i], 1e-12);
    }

    private static Tensor Matrix(ulong stream, int rows, int columns) => new Input([rows, columns], Layout.Contiguous).Base(new RandomStream(47, stream));
}
