using Stemma.Compression;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.LinearAlgebra;
using Xunit;

namespace Stemma.Tests.Compression;

public sealed class LowRankWeightsTests
{
    [Fact]
    public void Matrices_are_cut_as_the_error_says_and_come_back()
    {
        var weights = new Weights(new InitialWeights(1), Device.Cpu);
        Parameter a = weights.Tensor("a", [12, 20], new Initializer.Normal(1)), bias = weights.Tensor("bias", [20], new Initializer.Normal(1));
        var (before, b) = (a.Value.ToArray<float>(), bias.Value.ToArray<float>());
        var cut = new LowRankWeights(weights.All);
        Assert.Equal((240, 3 * 32), (cut.Count, cut.CountAt(0.25)));
        var full = a.Value.FrobeniusNorm();
        var error = cut.With(0.25, () =>
        {
            Assert.Equal(3, a.Value.SingularValues().Count(sigma => sigma > 1e-4));
            Assert.Equal(b, bias.Value.ToArray<float>());
            var rest = before.Zip(a.Value.ToArray<float>(), (x, y) => Math.Pow(x - y, 2)).Sum();
            return Math.Sqrt(rest) / full;
        });
        Assert.Equal(cut.ErrorAt(0.25), error, 1e-5);
        Assert.Equal(before, a.Value.ToArray<float>());
        Assert.Equal(0, cut.ErrorAt(1), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => cut.With(0, () => 0));
    }
}
