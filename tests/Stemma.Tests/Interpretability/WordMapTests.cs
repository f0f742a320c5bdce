using Stemma.Interpretability;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Interpretability;

public sealed class WordMapTests
{
    private const int Size = 6, Groups = 3, PerGroup = 15;

    private static readonly float[] s_points = Points();

    [Fact]
    public void Principal_components_hold_the_variance_and_the_distances()
    {
        var all = PrincipalComponents.Of(s_points, Size, Size);
        Assert.Equal(1, all.Variances.Sum(), 1e-9);
        Assert.Equal(all.Variances.OrderDescending(), all.Variances);
        double Squared(Func<int, double> at, int width, int i, int j) => Enumerable.Range(0, width).Sum(k => Math.Pow(at(i * width + k) - at(j * width + k), 2));
        for (var i = 1; i < 10; i++) Assert.Equal(Squared(k => s_points[k], Size, 0, i), Squared(k => all.Coordinates[k], Size, 0, i), 1e-5);
        // A line in space has one component.
        float[] line = [.. Enumerable.Range(0, 10).SelectMany(i => (float[])[i, 2 * i, 5])];
        Assert.Equal(1, PrincipalComponents.Of(line, 3, 2).Variances[0], 1e-9);
        Assert.Throws<ArgumentException>(() => PrincipalComponents.Of([1, float.NaN, 2, 3], 2, 1));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void Every_neighbourhood_has_the_perplexity_asked_for(double perplexity)
    {
        var count = Groups * PerGroup;
        var joint = Tsne.Affinities(s_points, Size, perplexity);
        Assert.Equal(1, joint.Sum(), 1e-9);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(0, joint[i * count + i]);
            for (var j = 0; j < count; j++) Assert.Equal(joint[i * count + j], joint[j * count + i]);
        }
        // Points on a circle are alike, so their joint rows are the conditional ones.
        float[] circle = [.. Enumerable.Range(0, 40).SelectMany(i => (float[])[(float)Math.Cos(Math.PI * i / 20), (float)Math.Sin(Math.PI * i / 20)])];
        var row = Tsne.Affinities(circle, 2, perplexity)[..40].Select(p => p * 40).ToArray();
        Assert.Equal(perplexity, Math.Exp(-row.Where(p => p > 0).Sum(p => p * Math.Log(p))), 1e-3);
    }

    [Fact]
    public void The_gradient_is_that_of_the_divergence()
    {
        var affinities = Tsne.Affinities(s_points, Size, 5);
        var random = new RandomStream(8);
        double[] places = [.. Enumerable.Range(0, 2 * Groups * PerGroup).Select(i => random.Normal((ulong)i))];
        var gradient = new double[places.Length];
        Tsne.Gradient(affinities, places, 1, gradient);
        for (var i = 0; i < 20; i++)
        {
            var kept = places[i];
            places[i] = kept + 1e-5;
            var up = Tsne.Divergence(affinities, places);
            places[i] = kept - 1e-5;
            var down = Tsne.Divergence(affinities, places);
            places[i] = kept;
            Assert.Equal((up - down) / 2e-5, gradient[i], 1e-7);
        }
    }

    [Fact]
    public void Groups_come_apart_on_the_map_and_the_seed_decides_it()
    {
        var tsne = new Tsne { Perplexity = 5, Steps = 500 };
        var (places, divergence) = tsne.Place(s_points, Size);
        for (var i = 0; i < Groups * PerGroup; i++)
        {
            double Distance(int j) => Math.Pow(places[2 * i] - places[2 * j], 2) + Math.Pow(places[2 * i + 1] - places[2 * j + 1], 2);
            var nearest = Enumerable.Range(0, Groups * PerGroup).Where(j => j != i).MinBy(Distance);
            Assert.Equal(i / PerGroup, nearest / PerGroup);
        }
        Assert.InRange(divergence, 0, 1);
        Assert.Equal(places, tsne.Place(s_points, Size).Places);
        Assert.Throws<ConfigurationException>(() => (tsne with { Perplexity = 20 }).Place(s_points, Size));
    }

    [Fact]
    public void A_map_names_the_words_that_are_asked_for()
    {
        var vectors = new WordVectors([.. Enumerable.Range(0, Groups * PerGroup).Select(i => $"word{i}")], Size, s_points);
        var svg = WordMap.Principal(vectors, [.. Enumerable.Range(0, vectors.Count)], 3).ToSvg();
        Assert.Contains(">word2<", svg, StringComparison.Ordinal);
        Assert.DoesNotContain(">word3<", svg, StringComparison.Ordinal);
    }

    private static float[] Points()
    {
        var random = new RandomStream(6);
        return [.. Enumerable.Range(0, Groups * PerGroup * Size).Select(i => (float)(random.Normal((ulong)i) + (i % Size == i / Size / PerGroup ? 12 : 0)))];
    }
}
