using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Attention;

public sealed class LinearAttentionTests
{
    private const int Length = 140, Heads = 2, Size = 8;

    [Fact]
    public void Sums_give_what_the_matrix_of_all_pairs_gives()
    {
        var (q, k, v) = (Normal(1, Length), Normal(2, Length), Normal(3, Length));
        var features = new EluFeatures(Size);
        foreach (var causal in new[] { true, false })
        {
            var actual = new LinearAttention(features, causal).Attend(0, q, k, v, new(SequenceLayout.Packed(100, 40)));
            var (phiQ, phiK) = (features.Queries(q).Transpose(0, 1), features.Keys(k).Transpose(0, 1));
            var mask = new float[Length * Length];
            for (var i = 0; i < Length; i++)
                for (var j = 0; j < Length; j++) mask[i * Length + j] = i < 100 == j < 100 && (!causal || j <= i) ? 1 : 0;
            var weights = phiQ.MatMul(phiK.Transposed) * Tensor.From(mask, [Length, Length]);
            weights /= weights.Sum(-1, keepAxis: true);
            Close(weights.MatMul(v.Transpose(0, 1)).Transpose(0, 1), actual, 2e-5);
        }
    }

    [Fact]
    public void Elu_features_are_one_more_than_elu()
    {
        var y = new EluFeatures(4).Keys(Tensor.From([-3f, -0.5f, 0f, 2f], [1, 1, 4])).ToArray<float>();
        Assert.Equal([MathF.Exp(-3), MathF.Exp(-0.5f), 1, 3], y, (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Random_features_estimate_the_exponential_without_bias_and_stay_positive()
    {
        var (q, k) = (Normal(1, 1), Normal(2, 1));
        var expected = Math.Exp((q * k).Sum(-1).ToArray<float>()[0] / Math.Sqrt(Size));
        var features = new FavorFeatures(Size, 20_000, new RandomStream(3));
        var (phiQ, phiK) = (features.Queries(q).ToArray<float>()[..20_000], features.Keys(k).ToArray<float>()[..20_000]);
        Assert.All(phiK, x => Assert.True(x > 0));
        // Queries are divided by their largest feature: exp of the largest exponent.
        var exponents = FavorFeatures.Directions(Size, 20_000, new RandomStream(3));
        var row = q.ToArray<float>()[..Size].Select(x => x * Math.Pow(Size, -0.25)).ToArray();
        var most = Enumerable.Range(0, 20_000).Max(i => row.Select((x, c) => x * exponents[i * Size + c]).Sum()) - row.Sum(x => x * x) / 2;
        var estimate = phiQ.Zip(phiK, (a, b) => (double)a * b).Sum() * Math.Exp(most) / Math.Sqrt(20_000);
        Assert.InRange(estimate / expected, 0.95, 1.05);
    }

    [Fact]
    public void Directions_of_a_group_are_orthogonal()
    {
        var directions = FavorFeatures.Directions(Size, 12, new RandomStream(4));
        for (var i = 0; i < 12; i++)
            for (var j = 0; j < i; j++)
                if (i / Size == j / Size) Assert.Equal(0, Enumerable.Range(0, Size).Sum(c => (double)directions[i * Size + c] * directions[j * Size + c]), 1e-5);
    }

    private static Tensor Normal(ulong stream, int length)
    {
        var random = new RandomStream(7, stream);
        var values = new float[length * Heads * Size];
        for (var i = 0; i < values.Length; i++) values[i] = (float)random.Normal((ulong)i);
        return Tensor.From(values, [length, Heads, Size]);
    }

    private static void Close(Tensor expected, Tensor actual, double tolerance) => Golden.Close([.. expected.Contiguous().ToArray<float>().Select(x => (double)x)], actual.Contiguous().ToArray<float>(), tolerance);
}
