using Xunit;

namespace Stemma.Tests.Numerics;

/// <summary>Comparison by max|a − b| ÷ max|b|.</summary>
public static class Close
{
    public static double Distance(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, largest = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (actual[i].Equals(expected[i])) continue;
            difference = double.IsNaN(actual[i] - expected[i]) ? double.PositiveInfinity : Math.Max(difference, Math.Abs(actual[i] - expected[i]));
        }
        foreach (var value in expected) largest = Math.Max(largest, Math.Abs(value));
        return difference == 0 ? 0 : difference / Math.Max(largest, 1e-30);
    }

    public static void Check(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, string what)
    {
        var distance = Distance(actual, expected);
        Assert.True(distance <= tolerance, $"The {what} is off by {distance:E2}; {tolerance:E1} is allowed. Got [{Start(actual)}], expected [{Start(expected)}].");
    }

    private static string Start(ReadOnlySpan<double> values) => string.Join(", ", values[..Math.Min(values.Length, 12)].ToArray().Select(value => value.ToString("G9")));
}
