using Stemma.Numerics;
using Stemma.Reproductions.Recurrence;
using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Training.Tasks;

public sealed class AddingProblemTests
{
    [Fact]
    public void Two_numbers_are_marked_one_in_each_half_and_their_sum_is_asked_for()
    {
        const int count = 200, length = 11;
        var problem = AddingProblem.Draw(count, length, new(1));
        var (inputs, sums) = (problem.Inputs.ToArray<float>(), problem.Sums.ToArray<float>());
        Assert.Equal(count, problem.Layout.Count);
        for (var s = 0; s < count; s++)
        {
            var steps = Enumerable.Range(0, length).Select(t => (Number: inputs[(s * length + t) * 2], Mark: inputs[(s * length + t) * 2 + 1])).ToArray();
            Assert.All(steps, step => Assert.InRange(step.Number, 0, 1));
            var marked = steps.Index().Where(step => step.Item.Mark == 1).ToArray();
            Assert.Equal(2, marked.Length);
            Assert.InRange(marked[0].Index, 0, length / 2 - 1);
            Assert.InRange(marked[1].Index, length / 2, length - 1);
            Assert.Equal(marked[0].Item.Number + marked[1].Item.Number, sums[s]);
        }
        // Every step is marked now and then.
        Assert.Equal(length, Enumerable.Range(0, count * length).Where(row => inputs[row * 2 + 1] == 1).Select(row => row % length).Distinct().Count());
    }

    [Fact]
    public void Always_to_say_1_has_an_error_of_a_sixth()
    {
        var sums = AddingProblem.Draw(20_000, 4, new(2)).Sums.ToArray<float>();
        Assert.Equal(AddingProblem.Baseline, sums.Average(sum => Math.Pow(sum - 1, 2)), 0.005);
        Assert.NotEqual(sums[..10], AddingProblem.Draw(10, 4, new(3)).Sums.ToArray<float>());
    }

    [Fact]
    public void An_LSTM_learns_it_in_a_few_steps_where_it_is_short()
    {
        // The long lengths are measured by `stemma reproduce adding-problem`.
        var device = Device.CreateCpu(1);
        Assert.True(new AddingExperiment { Length = 12, Updates = 400, LearningRate = 5e-3 }.Run(AddingExperiment.Gated, device) < 0.02);
        Assert.True(new AddingExperiment { Length = 100, Updates = 60, LearningRate = 5e-3 }.Run(AddingExperiment.Simple, device) > 0.1);
    }
}
