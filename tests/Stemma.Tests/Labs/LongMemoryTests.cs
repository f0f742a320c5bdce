using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 10 shows holds, on sequences that are short.</summary>
public sealed class LongMemoryTests
{
    [Fact]
    public void An_LSTM_learns_to_add_and_is_right_on_sequences_it_never_saw()
    {
        var memory = new LongMemory(weights => LongMemory.Gated(weights, 10), seed: 1);
        var errors = memory.Train(length: 10, updates: 350, learningRate: 5e-3).ToArray();
        Assert.Equal(350, errors.Length);
        Assert.True(errors[..20].Average() > 0.1);
        Assert.True(memory.Error(10) < AddingProblem.Baseline / 5, $"{memory.Error(10)}");
    }

    [Fact]
    public void A_tanh_network_is_no_better_than_always_1_where_the_sequence_is_long()
    {
        var memory = new LongMemory(LongMemory.Simple, seed: 1);
        Assert.Equal(40, memory.Train(length: 100, updates: 40).Count());
        Assert.InRange(memory.Error(100), 0.1, 0.4);
    }
}
