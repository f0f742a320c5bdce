using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 16 shows holds.</summary>
public sealed class ExpertsTests
{
    [Fact]
    public void Loads_are_nearer_each_other_with_a_loss_and_equal_where_experts_choose()
    {
        var busiest = ExpertCrowd.Kinds.ToDictionary(kind => kind.Name, kind =>
        {
            var crowd = new ExpertCrowd(kind.Routing, kind.LoadWeight, seed: 2);
            var errors = crowd.Train(120, rows: 64, learningRate: 5e-3).Select(step => step.Error).ToArray();
            Assert.True(errors[^10..].Average() < 0.9 * errors[..10].Average(), kind.Name);
            return crowd.Measure(rows: 512);
        });
        Assert.True(busiest["and a loss for loads"].Busiest < busiest["two best"].Busiest);
        Assert.Equal(1 / 8.0, busiest["experts choose"].Busiest, 1e-9);
        Assert.True(busiest["room for 1.25 shares"].Dropped > 0);
        Assert.Equal(0, busiest["two best"].Dropped);
    }
}
