using Stemma.Generation;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Generation;

public sealed class SamplerTests
{
    private static readonly float[] s_logits = [2f, 1f, 0.5f, 0f, -1f, -3f];

    [Fact]
    public void Greedy_takes_the_likeliest() => Assert.Equal(0, Sampler.Greedy.Sample([.. s_logits], [], default, 0));

    [Fact]
    public void Draws_follow_the_distribution()
    {
        Sampler sampler = [];
        var counts = Counts(sampler, 20_000);
        var weights = s_logits.Select(x => Math.Exp(x)).ToArray();
        var chiSquare = counts.Select((count, i) => Math.Pow(count - 20_000 * weights[i] / weights.Sum(), 2) / (20_000 * weights[i] / weights.Sum())).Sum();
        Assert.True(chiSquare < 20.5, $"χ² {chiSquare} with 5 degrees of freedom"); // p = 0.001
    }

    [Fact]
    public void Top_k_and_top_p_remove_the_unlikely()
    {
        Sampler two = [new TopK(2)], nucleus = [new TopP(0.7)];
        Assert.All(Counts(two, 2_000)[2..], count => Assert.Equal(0, count));
        // The two likeliest have 0.55 + 0.20 of the probability.
        Assert.All(Counts(nucleus, 2_000)[2..], count => Assert.Equal(0, count));
        Assert.All(Counts(nucleus, 2_000)[..2], count => Assert.NotEqual(0, count));
    }

    [Fact]
    public void A_lower_temperature_has_less_entropy()
    {
        var entropies = ((double[])[0.1, 0.5, 1, 2, 10]).Select(t => Entropy([new Temperature(t)])).ToArray();
        Assert.Equal(entropies.Order(), entropies);
        Assert.True(entropies[0] < 0.01 && entropies[^1] > 0.95 * Math.Log(6));
    }

    [Fact]
    public void The_same_seed_draws_the_same()
    {
        Sampler sampler = [new Temperature(1.3), new TopK(5), new TopP(0.95)];
        var draws = Enumerable.Range(0, 50).Select(i => sampler.Sample([.. s_logits], [], new RandomStream(3), i)).ToArray();
        Assert.Equal(draws, Enumerable.Range(0, 50).Select(i => sampler.Sample([.. s_logits], [], new RandomStream(3), i)));
        Assert.NotEqual(draws, Enumerable.Range(0, 50).Select(i => sampler.Sample([.. s_logits], [], new RandomStream(4), i)));
    }

    [Theory]
    [InlineData("temperature")]
    [InlineData("top_k")]
    [InlineData("top_p")]
    public void Transforms_equal_the_originals(string name)
    {
        var golden = Golden.Load("layers/logits_processors.json");
        var scores = golden.GetProperty("inputs").GetProperty("scores");
        var item = golden.GetProperty("cases").EnumerateArray().First(c => c.GetProperty("name").GetString() == name);
        var config = item.GetProperty("config");
        LogitsTransform transform = name switch
        {
            "temperature" => new Temperature(config.GetProperty("temperature").GetDouble()),
            "top_k" => new TopK(config.GetProperty("top_k").GetInt32()),
            _ => new TopP(config.GetProperty("top_p").GetDouble()),
        };
        var width = scores.GetProperty("shape")[1].GetInt32();
        var input = scores.GetProperty("data").EnumerateArray().Select(x => x.GetSingle()).ToArray();
        var expected = item.GetProperty("outputs").GetProperty("scores").GetProperty("data").EnumerateArray().Select(x => x.ValueKind == System.Text.Json.JsonValueKind.Null ? float.NegativeInfinity : x.GetSingle()).ToArray();
        for (var row = 0; row < input.Length / width; row++)
        {
            var actual = input[(row * width)..((row + 1) * width)];
            transform.Apply(actual, []);
            for (var i = 0; i < width; i++) Assert.Equal(expected[row * width + i], actual[i], 1e-5f);
        }
    }

    private static int[] Counts(Sampler sampler, int draws)
    {
        var counts = new int[s_logits.Length];
        for (var i = 0; i < draws; i++) counts[sampler.Sample([.. s_logits], [], new RandomStream(11), i)]++;
        return counts;
    }

    private static double Entropy(Sampler sampler) => -Counts(sampler, 5_000).Where(c => c > 0).Sum(c => c / 5000.0 * Math.Log(c / 5000.0));
}
