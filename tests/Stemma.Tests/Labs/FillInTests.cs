using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 15 shows holds.</summary>
public sealed class FillInTests
{
    // The third word is told by the first and the last together, by neither alone.
    private static readonly string[] s_lines = [.. Enumerable.Range(0, 256).Select(i => ((string[])["red", "blue"])[i % 2] + " thing " + ((string[])["one", "two", "three", "four"])[i % 2 * 2 + i / 2 % 2] + " is " + ((string[])["here", "there"])[i / 2 % 2])];

    [Fact]
    public void Both_sides_tell_what_one_does_not()
    {
        var model = new FillIn(s_lines, words: 50, seed: 1);
        var losses = model.Train(160, batch: 16, learningRate: 5e-3).ToArray();
        Assert.True(losses[^20..].Average() < 0.6 * losses[..20].Average());
        Assert.Equal("two", model.Fill("red thing [MASK] is there", 3)[0].Word);
        var (whole, before) = (model.Accuracy(s_lines[..32], before: true, after: true), model.Accuracy(s_lines[..32], before: true, after: false));
        Assert.True(whole > 0.95 && whole > before + 0.2, $"{whole} with the whole line, {before} with what comes before");
    }
}
