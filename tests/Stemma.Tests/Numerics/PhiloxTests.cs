using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics;

public sealed class PhiloxTests
{
    /// <summary>The known answers that come with the paper's own implementation (Random123, kat_vectors).</summary>
    [Theory]
    [InlineData(0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)]
    [InlineData(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)]
    [InlineData(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)]
    public void Known_answers_of_the_paper(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1, uint w0, uint w1, uint w2, uint w3) =>
        Assert.Equal((w0, w1, w2, w3), Philox.Block(c0, c1, c2, c3, key0, key1));

    [Fact]
    public void A_position_is_a_word_of_a_block()
    {
        var generator = new Philox(0x299f31d0a4093822, 0x0370734413198a2e);
        var position = 0x85a308d3243f6a88UL << 2;    // the top two bits fall off
        var block = Philox.Block(0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
        Assert.Equal(block.W0, generator.BitsAt(position));
        Assert.Equal(block.W1, generator.BitsAt(position + 1));
        Assert.Equal(block.W2, generator.BitsAt(position + 2));
        Assert.Equal(block.W3, generator.BitsAt(position + 3));
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0UL, 1)]
    [InlineData(3UL, 200)]
    [InlineData(17_179_869_181UL, 133)]
    [InlineData(5UL, 31)]
    public void Filling_equals_one_at_a_time(ulong start, int length)
    {
        var bits = new uint[length];
        Philox.FillUniformBits(42, 7, start, bits);
        var generator = new Philox(42, 7);
        for (var i = 0; i < length; i++)
            Assert.Equal(generator.BitsAt(start + (ulong)i), bits[i]);
    }
}
