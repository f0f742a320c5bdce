using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Reproductions.Recurrence;
using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Training.Tasks;

public sealed class CopyProblemTests
{
    [Fact]
    public void Symbols_blanks_a_sign_and_then_the_symbols_are_asked_for()
    {
        const int count = 30, symbols = 5, length = 3, delay = 4, rows = delay + 2 * length;
        var problem = CopyProblem.Draw(count, symbols, length, delay, new(1));
        var (inputs, targets) = (problem.Inputs.ToArray<int>().Chunk(rows).ToArray(), problem.Targets.ToArray<int>().Chunk(rows).ToArray());
        for (var s = 0; s < count; s++)
        {
            var shown = inputs[s][..length];
            Assert.All(shown, symbol => Assert.InRange(symbol, 0, symbols - 1));
            Assert.Equal([.. shown, .. Enumerable.Repeat(symbols, delay), symbols + 1, .. Enumerable.Repeat(symbols, length - 1)], inputs[s]);
            Assert.Equal([.. Enumerable.Repeat(TensorOps.IgnoreIndex, length + delay), .. shown], targets[s]);
        }
        Assert.Equal(symbols, inputs.SelectMany(row => row[..length]).Distinct().Count());
    }

    [Fact]
    public void The_share_that_is_right_is_counted_over_the_symbols_alone()
    {
        var problem = CopyProblem.Draw(2, 3, 2, 1, new(2));
        var (vocab, targets) = (CopyProblem.VocabSize(3), problem.Targets.ToArray<int>());
        var logits = new float[targets.Length * vocab];
        for (var row = 0; row < targets.Length; row++)
            if (targets[row] >= 0) logits[row * vocab + targets[row]] = 1;
        Assert.Equal(1, problem.Accuracy(Tensor.From(logits, [targets.Length, vocab])));
        // One symbol of four wrong.
        var last = targets.Length - 1;
        logits[last * vocab + (targets[last] + 1) % 3] = 2;
        Assert.Equal(0.75, problem.Accuracy(Tensor.From(logits, [targets.Length, vocab])));
    }

    [Fact]
    public void Convolutions_know_what_they_see_and_no_more()
    {
        // Three layers of three rows see seven: the symbol five blanks back, not the one six blanks back. All edges are measured by `stemma reproduce delayed-copy`.
        Assert.Equal(7, SequenceReader.ConvolutionReach(3));
        Assert.True(Share(5) > 0.95);
        Assert.InRange(Share(6), 0.1, 0.4);

        static double Share(int delay) => new CopyExperiment { Delay = delay, Updates = 150, LearningRate = 1e-2 }.Run((weights, input) => SequenceReader.Convolutional(weights, input, 16, 3), Device.CreateCpu(1));
    }
}
