using Stemma.Numerics;
using Stemma.Training.Tasks;
using Xunit;

namespace Stemma.Tests.Training.Tasks;

public sealed class ThresholdSeriesTests
{
    private static readonly double[] s_series = ThresholdSeries.Draw(20_000, new(1));

    [Fact]
    public void Who_knows_the_process_errs_by_the_noise_alone()
    {
        double[] errors = [.. Enumerable.Range(0, s_series.Length - 1).Select(day => s_series[day + 1] - ThresholdSeries.BestForecast(s_series[day], day))];
        Assert.Equal(0, errors.Average(), 0.02);
        Assert.Equal(ThresholdSeries.Noise, Math.Sqrt(errors.Average(error => error * error)), 0.01);
        // What is left is chance: today's error says nothing of tomorrow's.
        Assert.Equal(0, errors.Skip(1).Zip(errors, (a, b) => a * b).Average() / 0.25, 0.03);
    }

    [Fact]
    public void Weekends_are_low_and_the_same_stream_draws_the_same_days()
    {
        double Mean(int day) => s_series.Where((_, i) => i % 7 == day).Average();
        Assert.True(Mean(6) < Mean(0) - 0.5 && Mean(2) > Mean(0) + 0.3);
        Assert.Equal(s_series[..50], ThresholdSeries.Draw(50, new(1)));
        Assert.NotEqual(s_series[..50], ThresholdSeries.Draw(50, new RandomStream(2)));
    }
}
