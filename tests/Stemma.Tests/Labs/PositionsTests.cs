using Stemma.Layers;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 14 shows holds.</summary>
public sealed class PositionsTests
{
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 400).Select(i => ((string[])["red fish, ", "blue fish, ", "one fish, ", "two fish, "])[i * i % 7 % 4]));

    [Fact]
    public void Learned_positions_end_where_they_were_learned()
    {
        var places = new PositionReader(s_text, new LearnedPositionsConfig(), trained: 32, longest: 96, seed: 1);
        Assert.NotNull(places.Loss(32, texts: 2));
        Assert.Null(places.Loss(33, texts: 2));
    }

    [Fact]
    public void A_penalty_for_distance_goes_on_where_waves_break_off()
    {
        var (alibi, waves) = (Beyond(new AlibiPositionsConfig()), Beyond(new SinusoidalPositionsConfig()));
        Assert.True(alibi < 0.1 && waves > alibi + 0.05, $"{alibi} nats more beyond the length with ALiBi, {waves} with waves");

        static double Beyond(PositionsConfig positions)
        {
            var places = new PositionReader(s_text, positions, trained: 32, longest: 160, seed: 1);
            var losses = places.Train(80, batch: 8, learningRate: 5e-3).ToArray();
            Assert.True(losses[^1] < 0.5 * losses[0]);
            return places.Loss(160, texts: 2)!.Value - places.Loss(32, texts: 2)!.Value;
        }
    }
}
