using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Xunit;

namespace Stemma.Tests.Numerics.LinearAlgebra;

public sealed class TruncatedSvdTests
{
    private const int Rows = 37, Columns = 23;

    private static readonly double[] s_values = Random(Rows * Columns, 1);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(Columns)]
    public void The_error_is_what_Eckart_and_Young_say(int rank)
    {
        var all = Tensor.From(s_values, [Rows, Columns]).SingularValues();
        var svd = TruncatedSvd.Of(new DenseMatrix(s_values, Rows, Columns), rank, iterations: 30);
        for (var i = 0; i < rank; i++) Assert.Equal(all[i], svd.Values[i], 1e-9);
        var error = 0.0;
        for (var i = 0; i < Rows; i++)
            for (var j = 0; j < Columns; j++) error += Math.Pow(s_values[i * Columns + j] - Enumerable.Range(0, rank).Sum(k => svd.Left[i * rank + k] * svd.Values[k] * svd.Right[j * rank + k]), 2);
        Assert.Equal(Math.Sqrt(all.Skip(rank).Sum(value => value * value)), Math.Sqrt(error), 1e-8);
        CheckOrthonormal(svd.Left, Rows, rank);
        CheckOrthonormal(svd.Right, Columns, rank);
    }

    [Fact]
    public void A_matrix_of_lower_rank_than_asked_has_zeros_and_no_nonsense()
    {
        // Rank 2: each row a sum of two.
        var (a, b) = (Random(Rows * 2, 2), Random(2 * Columns, 3));
        var values = new double[Rows * Columns];
        for (var i = 0; i < values.Length; i++) values[i] = a[i / Columns * 2] * b[i % Columns] + a[i / Columns * 2 + 1] * b[Columns + i % Columns];
        var svd = TruncatedSvd.Of(new DenseMatrix(values, Rows, Columns), 6);
        Assert.All(svd.Values[..2], value => Assert.True(value > 1));
        Assert.All(svd.Values[2..], value => Assert.InRange(value, 0, 1e-9));
        Assert.All(svd.Left.Concat(svd.Right), value => Assert.True(double.IsFinite(value)));
        Assert.Throws<ArgumentException>(() => TruncatedSvd.Of(new DenseMatrix(values, Rows, Columns), Columns + 1));
    }

    [Fact]
    public void A_sparse_matrix_is_the_dense_one()
    {
        var dense = s_values.Select((value, i) => i % 3 == 0 ? (float)value : 0).ToArray();
        var sparse = new SparseMatrix(Columns, [.. dense.Chunk(Columns).Select(row => ((int[])[.. Enumerable.Range(0, Columns).Where(i => row[i] != 0)], (float[])[.. row.Where(value => value != 0)]))]);
        Assert.Equal(dense.Count(value => value != 0), sparse.Count);
        for (var i = 0; i < dense.Length; i++) Assert.Equal(dense[i], sparse[i / Columns, i % Columns]);
        var reference = new DenseMatrix(Array.ConvertAll(dense, value => (double)value), Rows, Columns);
        double[] right = Random(Columns * 3, 4), left = Random(Rows * 3, 5), y = new double[Rows * 3], z = new double[Rows * 3], u = new double[Columns * 3], v = new double[Columns * 3];
        sparse.Multiply(right, 3, y);
        reference.Multiply(right, 3, z);
        sparse.MultiplyTransposed(left, 3, u);
        reference.MultiplyTransposed(left, 3, v);
        Close.Check(y, z, 1e-12, "product");
        Close.Check(u, v, 1e-12, "transposed product");
        Assert.Throws<ArgumentException>(() => new SparseMatrix(3, [([1, 1], [1f, 2f])]));
        Assert.Throws<ArgumentException>(() => new SparseMatrix(3, [([3], [1f])]));
    }

    private static void CheckOrthonormal(double[] vectors, int rows, int rank)
    {
        for (var i = 0; i < rank; i++)
            for (var j = 0; j <= i; j++) Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, rows).Sum(row => vectors[row * rank + i] * vectors[row * rank + j]), 1e-9);
    }

    private static double[] Random(int count, ulong seed) => [.. Enumerable.Range(0, count).Select(i => new RandomStream(seed).Normal((ulong)i))];
}
