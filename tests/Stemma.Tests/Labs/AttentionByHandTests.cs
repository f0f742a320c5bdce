using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 12 shows holds.</summary>
public sealed class AttentionByHandTests
{
    [Fact]
    public void Attention_in_loops_is_the_librarys_and_so_are_its_gradients() => Assert.InRange(HandAttention.Difference(rows: 7, size: 4, seed: 3), 0, 1e-9);

    [Fact]
    public void The_head_that_is_written_down_continues_what_repeats()
    {
        const string Text = "xyz abcxyz ab";
        var head = new InductionHead(Text);
        for (var i = 8; i < Text.Length - 1; i++) Assert.Equal(Text[i + 1], head.Guess(i).Letter);
        Assert.True(head.Guess(9).Share > 0.9);
        Assert.True(head.Guess(2).Share < 0.1, "a letter that is new has nothing to follow it");
        Assert.All(head.Pattern, row => Assert.Equal(1, row.Sum(), 1e-5f));
    }
}
