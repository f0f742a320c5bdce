using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

public sealed class NormTests
{
    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 3, 5 }, { 17, 4 }, { 40, 61 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Norms_obey_their_identities_and_inequalities(int rows, int columns)
    {
        foreach (var device in new[] { Device.Cpu, Device.Reference })
        {
            var (a, b) = (Matrix(1, rows, columns, device), Matrix(2, rows, columns, device));
            double n = rows * columns, l1 = a.NormL1().ToScalar(), l2 = a.NormL2().ToScalar();
            Near(Math.Sqrt(a.MatMul(a.Transposed).ToArray<float>().Where((_, i) => i % (rows + 1) == 0).Sum(x => (double)x)), l2); // ‖A‖_F² = tr AAᵀ
            Near(l2, a.Transposed.NormL2().ToScalar());
            Near(l1, a.Reshape(-1).NormL1().ToScalar());
            Near(2.5 * l1, (a * -2.5).NormL1().ToScalar());
            Near(2.5 * l2, (a * -2.5).NormL2().ToScalar());
            Assert.True(l2 <= l1 * (1 + 1e-6) && l1 <= Math.Sqrt(n) * l2 * (1 + 1e-6)); // Cauchy–Schwarz
            Assert.True((a + b).NormL1().ToScalar() <= (l1 + b.NormL1().ToScalar()) * (1 + 1e-6));
            Assert.True((a + b).NormL2().ToScalar() <= (l2 + b.NormL2().ToScalar()) * (1 + 1e-6));
            Assert.True(Math.Abs((a * b).Sum().ToScalar()) <= l2 * b.NormL2().ToScalar() * (1 + 1e-6));
            Assert.True(a.MatMul(b.Transposed).NormL2().ToScalar() <= l2 * b.NormL2().ToScalar() * (1 + 1e-6)); // submultiplicative
            // Parallelogram law.
            Near(2 * (l2 * l2 + Math.Pow(b.NormL2().ToScalar(), 2)), Math.Pow((a + b).NormL2().ToScalar(), 2) + Math.Pow((a - b).NormL2().ToScalar(), 2));
        }
    }

    [Fact]
    public void Norms_of_nothing_are_zero()
    {
        Assert.Equal(0, Tensor.Zeros([3, 4]).NormL2().ToScalar());
        Assert.Equal(0, Tensor.Zeros([0, 4]).NormL1().ToScalar());
    }

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-5 * Math.Max(1, Math.Abs(expected)));

    private static Tensor Matrix(ulong stream, int rows, int columns, Device device) =>
        new Input([rows, columns], Layout.Contiguous).Base(new RandomStream(41, stream)).Cast(DType.Float32).To(device);
}
