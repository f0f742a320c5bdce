using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Training.Tasks;

public sealed class TemporalXorTests
{
    [Fact]
    public void Every_third_bit_is_the_exclusive_or_of_the_two_before_and_the_next_bit_is_asked_for()
    {
        var bits = TemporalXor.Draw(count: 20, threes: 6, new(1));
        foreach (var (inputs, targets) in bits.Inputs.ToArray<int>().Chunk(18).Zip(bits.Targets.ToArray<int>().Chunk(18)))
        {
            Assert.Equal(inputs[1..], targets[..^1]);
            for (var row = 0; row < 18; row++)
                if (TemporalXor.IsPredictable(row)) Assert.Equal(inputs[row] ^ inputs[row - 1], targets[row]);
        }
        // The others are thrown: neither always one nor always the other.
        foreach (var place in (int[])[0, 1]) Assert.Equal(2, bits.Inputs.ToArray<int>().Where((_, i) => i % 3 == place).Distinct().Count());
    }
}
