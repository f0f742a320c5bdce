using Stemma.Text.Shards;
using Xunit;

namespace Stemma.Tests.Text.Shards;

public sealed class PhiloxTests
{
    /// <summary>The known answers of the authors' Random123 library (<c>kat_vectors</c>, philox4x32 10).</summary>
    [Fact]
    public void Blocks_equal_the_authors_known_answers()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block((0, 0, 0, 0), (0, 0)));
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Block((~0u, ~0u, ~0u, ~0u), (~0u, ~0u)));
        Assert.Equal(
            (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            Philox.Block((0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), (0xa4093822, 0x299f31d0)));
    }

    [Fact]
    public void Draws_below_a_bound_reach_all_of_it_evenly()
    {
        var counts = new int[7];
        for (var position = 0ul; position < 70_000; position++) counts[Philox.Below(7, seed: 1, stream: 2, position)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }
}
