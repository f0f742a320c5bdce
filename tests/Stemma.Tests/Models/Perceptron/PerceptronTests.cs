using Stemma.Models.Perceptron;
using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Models.Perceptron;

public sealed class PerceptronTests
{
    [Fact]
    public void A_mistake_moves_the_weights_by_the_example_and_nothing_else_does()
    {
        var unit = new PerceptronModel(2);
        Assert.False(unit.Learn([3, -1], false)); // a score of 0 says no
        Assert.True(unit.Learn([3, -1], true));
        Assert.Equal([3, -1, 1], [.. unit.Weights, unit.Bias]);
        Assert.False(unit.Learn([3, -1], true));
        Assert.True(unit.Learn([1, 1], false));
        Assert.Equal([2, -2, 0], [.. unit.Weights, unit.Bias]);
    }

    [Fact]
    public void The_bound_is_the_longest_example_over_the_margin_squared()
    {
        // With the bias's constant 1: (3, 4, 1) and (−2, 0, 1); the separator (1, 0, 0) leaves a margin of 2.
        LabelledExample[] examples = [new(new double[] { 3, 4 }, true), new(new double[] { -2, 0 }, false)];
        Assert.Equal(26.0 / 4, PerceptronModel.MistakeBound(examples, [1, 0], 0), 1e-12);
        Assert.Equal(double.PositiveInfinity, PerceptronModel.MistakeBound(examples, [-1, 0], 0));
    }

    [Fact]
    public void Ten_of_them_tell_most_drawn_digits_apart()
    {
        const int Pixels = DrawnDigits.Size * DrawnDigits.Size;
        var (train, test) = (DrawnDigits.Draw(1000, new(1)), DrawnDigits.Draw(300, new(2)));
        var units = Enumerable.Range(0, 10).Select(_ => new PerceptronModel(Pixels)).ToArray();
        var labels = train.Labels.ToArray<int>();
        for (var digit = 0; digit < 10; digit++) units[digit].Train([.. Rows(train).Select((row, i) => new LabelledExample(row, labels[i] == digit))], passes: 20);
        var right = Rows(test).Zip(test.Labels.ToArray<int>(), (row, label) => Enumerable.Range(0, 10).MaxBy(digit => units[digit].Score(row)) == label).Count(same => same);
        Assert.InRange(right / 300.0, 0.75, 1);

        static double[][] Rows(DrawnDigits digits) => [.. digits.Images.ToArray<float>().Chunk(Pixels).Select(row => Array.ConvertAll(row, x => (double)x))];
    }

    [Fact]
    public void An_example_of_another_size_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PerceptronModel(0));
        Assert.Throws<ArgumentException>(() => new PerceptronModel(2).Predict([1]));
    }
}
