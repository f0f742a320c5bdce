using Stemma.Numerics;

namespace Stemma.Training.Tasks;

/// <summary>
/// A series of days that a straight line forecasts badly: a week's pattern, and on it a process that has two habits. Below the threshold it
/// keeps nine tenths of its distance from the mean, above it swings back: a self-exciting threshold autoregression (Tong and Lim 1980).
/// </summary>
public static class ThresholdSeries
{
    /// <summary>The standard deviation of what no forecast knows.</summary>
    public const double Noise = 0.5;

    private static readonly double[] s_week = [0, 0.4, 0.6, 0.5, 0.2, -0.8, -0.9];

    /// <summary>Draws so many days; the same stream draws the same ones.</summary>
    public static double[] Draw(int days, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        var (series, z) = (new double[days], 0.0);
        for (var day = 0; day < days; day++)
        {
            z = Next(z) + Noise * random.Normal((ulong)day);
            series[day] = s_week[day % 7] + z;
        }
        return series;
    }

    /// <summary>The forecast of who knows the process.</summary>
    /// <param name="today">The value of a day.</param>
    /// <param name="day">Its number, from 0.</param>
    /// <returns>The mean of the next day's value.</returns>
    public static double BestForecast(double today, int day) => s_week[(day + 1) % 7] + Next(today - s_week[day % 7]);

    private static double Next(double z) => z <= 0.5 ? 0.4 + 0.9 * z : 0.5 - 1.2 * (z - 0.5);
}
