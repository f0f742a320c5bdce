using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 13 shows holds.</summary>
public sealed class MiniTransformerTests
{
    [Fact]
    public void The_whole_learns_what_no_model_without_attention_can()
    {
        var (whole, alone) = (Trained(LeftOut.None), Trained(LeftOut.Attention));
        Assert.True(whole.Late < 0.75 * whole.Early, $"{whole.Early} to {whole.Late}");
        // A row that sees itself alone knows no digit but the one before.
        Assert.True(alone.Late > whole.Late + 0.2, $"{alone.Late} alone, {whole.Late} with attention");

        static (double Early, double Late) Trained(LeftOut left)
        {
            var losses = new MiniTransformer(left, seed: 1).Train(150, batch: 16, learningRate: 5e-3).ToArray();
            return (losses[..10].Average(), losses[^10..].Average());
        }
    }

    [Theory]
    [InlineData(nameof(LeftOut.Positions))]
    [InlineData(nameof(LeftOut.FeedForward))]
    [InlineData(nameof(LeftOut.Norms))]
    public void Each_other_part_may_be_left_out(string part)
    {
        var model = new MiniTransformer(Enum.Parse<LeftOut>(part), seed: 1);
        var losses = model.Train(60, batch: 8, learningRate: 5e-3).ToArray();
        Assert.True(losses[^20..].Average() < losses[..5].Average(), $"{losses[..5].Average()} to {losses[^20..].Average()}");
        Assert.InRange(model.Accuracy(8), 0, 1);
    }
}
