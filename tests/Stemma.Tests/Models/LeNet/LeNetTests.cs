using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Models.LeNet;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.LeNet;

public sealed class LeNetTests
{
    private const int Size = 16;

    // Figures of 5 × 7 points: 0 to 4.
    private static readonly string[] s_figures =
    [
        ".###. #...# #...# #...# #...# #...# .###.", "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.", ".###. #...# ....# ...#. ..#.. .#... #####",
        "####. ....# ....# .###. ....# ....# ####.", "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    ];

    [Fact]
    public void It_reads_figures_wherever_they_stand()
    {
        var model = new LeNetModel(new Weights(new InitialWeights(6), Device.Cpu), Size, s_figures.Length);
        var optimizer = new AdamConfig().Build(model.Parameters);
        for (var step = 0; step < 150; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var (pictures, classes) = Pictures(step, 40);
            optimizer.Step(tape.Backward(model.Logits(pictures).CrossEntropy(Tensor.From(classes, [40]))), 3e-3);
        }
        var (unseen, expected) = Pictures(1000, 200);
        var right = model.Logits(unseen).ToArray<float>().Chunk(s_figures.Length).Zip(expected).Count(pair => pair.First.AsSpan().IndexOf(pair.First.Max()) == pair.Second);
        Assert.True(right >= 190, $"{right} of 200");
    }

    [Fact]
    public void What_a_stage_sees_of_a_picture_grows_as_the_windows_say()
    {
        var model = new LeNetModel(new Weights(new InitialWeights(6), Device.Cpu), 28, 2);
        ReceptiveField first = ReceptiveField.Point.Then(5), pooled = first.Then(2, 2), second = pooled.Then(5), last = second.Then(2, 2);
        Assert.Equal([(5, 1), (6, 2), (14, 2), (16, 4)], new[] { first, pooled, second, last }.Select(field => (field.Size, field.Stride)));
        // Without the rectifiers and maxima, which hide what they do not choose: the same windows as sums.
        var x = Tensor.Full([1, 28, 28, 1], 1);
        foreach (var (field, depth) in new[] { (first, 1), (pooled, 2), (second, 3), (last, 4) })
        {
            var seen = ReceptiveField.Measure(input => Stages(input, depth), x, output: 0).Chunk(28).ToArray();
            Assert.All(seen.Index(), row => Assert.All(row.Item.Index(), place => Assert.Equal(row.Index < field.Size && place.Index < field.Size, place.Item)));
        }
        // Of the net itself, a unit sees nothing beyond its field.
        var real = ReceptiveField.Measure(input => model.Maps(input)[2], Tensor.Full([1, 28, 28, 1], 0.7), output: 0).Chunk(28).ToArray();
        Assert.All(real.Index(), row => Assert.All(row.Item.Index(), place => Assert.False(place.Item && (row.Index >= second.Size || place.Index >= second.Size))));

        static Tensor Stages(Tensor input, int depth)
        {
            Tensor five = Tensor.Full([1, 1, 5, 5], 1), two = Tensor.Full([1, 1, 2, 2], 1);
            for (var stage = 0; stage < depth; stage++) input = stage % 2 == 0 ? input.Convolution2D(five) : input.Convolution2D(two, stride: 2);
            return input;
        }
    }

    [Fact]
    public void Dilation_sees_far_with_few_layers()
    {
        var (dense, dilated) = (ReceptiveField.Point, ReceptiveField.Point);
        for (var layer = 0; layer < 4; layer++) (dense, dilated) = (dense.Then(3), dilated.Then(3, dilation: 1 << layer));
        Assert.Equal((9, 31), (dense.Size, dilated.Size));
        var weight = Tensor.Full([1, 1, 3], 1);
        var seen = ReceptiveField.Measure(x => Enumerable.Range(0, 4).Aggregate(x, (y, layer) => y.Convolution1D(weight, padding: 1 << layer, dilation: 1 << layer)), Tensor.Full([1, 61, 1], 1), output: 30);
        Assert.Equal(Enumerable.Range(0, 61).Select(i => Math.Abs(i - 30) <= 15), seen);
    }

    private static (Tensor Pictures, int[] Classes) Pictures(int number, int count)
    {
        var random = new RandomStream(12).Fork((ulong)number);
        var (values, classes) = (new float[count * Size * Size], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var own = random.Fork((ulong)i);
            classes[i] = (int)own.Below(s_figures.Length, 0);
            var (top, left) = ((int)own.Below(5, 1), 3 + (int)own.Below(5, 2));
            foreach (var (row, line) in s_figures[classes[i]].Split(' ').Index())
                foreach (var (column, point) in line.Index())
                    if (point == '#') values[(i * Size + top + row) * Size + left + column] = 1;
            for (var p = 0; p < Size * Size; p++) values[i * Size * Size + p] += 0.1f * (float)own.Normal(100 + (ulong)p);
        }
        return (Tensor.From(values, [count, Size, Size, 1]), classes);
    }
}
