using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Training.Tasks;

public sealed class DrawnDigitsTests
{
    [Fact]
    public void The_same_stream_draws_the_same_digits_and_another_one_others()
    {
        var (first, again, other) = (DrawnDigits.Draw(20, new(1)), DrawnDigits.Draw(20, new(1)), DrawnDigits.Draw(20, new(2)));
        Assert.Equal(first.Images.ToArray<float>(), again.Images.ToArray<float>());
        Assert.Equal(first.Labels.ToArray<int>(), again.Labels.ToArray<int>());
        Assert.NotEqual(first.Images.ToArray<float>(), other.Images.ToArray<float>());
    }

    [Fact]
    public void Without_noise_and_shift_a_digit_has_one_shape_and_no_two_digits_share_it()
    {
        var digits = DrawnDigits.Draw(300, new(3), shift: 0, noise: 0);
        var images = digits.Images.ToArray<float>().Chunk(DrawnDigits.Size * DrawnDigits.Size).Select(image => string.Concat(image.Select(pixel => pixel > 0 ? '#' : '.')));
        var shapes = images.Zip(digits.Labels.ToArray<int>()).Distinct().ToArray();
        Assert.Equal(10, shapes.Length);
        Assert.Equal(10, shapes.Select(shape => shape.First).Distinct().Count());
    }

    [Fact]
    public void Wherever_it_lies_it_is_drawn_whole()
    {
        var digits = DrawnDigits.Draw(500, new(4), shift: 2, noise: 0);
        var inks = digits.Images.ToArray<float>().Chunk(DrawnDigits.Size * DrawnDigits.Size).Select(image => image.Count(pixel => pixel > 0));
        foreach (var digit in inks.Zip(digits.Labels.ToArray<int>()).GroupBy(pair => pair.Second)) Assert.Single(digit.Select(pair => pair.First).Distinct());
        Assert.Throws<ArgumentOutOfRangeException>(() => DrawnDigits.Draw(1, new(1), shift: 3));
    }
}
