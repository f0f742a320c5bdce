using System.Text.Json;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests;

/// <summary>Reference results: JSON with tensors as <c>{"shape": [...], "data": [...]}</c>.</summary>
internal static class Golden
{
    public static JsonElement Load(string path) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine("Fixtures", path))).RootElement;

    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names) element = element.GetProperty(name);
        return element;
    }

    public static double[] Doubles(this JsonElement element) =>
        [.. (element.ValueKind == JsonValueKind.Object ? element.GetProperty("data") : element).EnumerateArray().Select(x => x.GetDouble())];

    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(x => x.GetInt32())];

    public static int[][] Rows(this JsonElement element) => [.. element.EnumerateArray().Select(Ints)];

    public static Shape Shape(this JsonElement element) => Stemma.Numerics.Shape.Create(element.GetProperty("shape").Ints());

    /// <summary>max|a − b| ÷ max|b| is at most <paramref name="tolerance"/>.</summary>
    public static void Close(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance, string what = "")
    {
        Assert.Equal(expected.Count, actual.Count);
        var (difference, size) = (0.0, 0.0);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(double.IsFinite(actual[i]), $"{what}[{i}] is {actual[i]}");
            difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
            size = Math.Max(size, Math.Abs(expected[i]));
        }
        Assert.True(difference <= tolerance * Math.Max(size, 1e-12), $"{what} differs by {difference:G4}, {difference / size:G4} of its largest value; allowed are {tolerance:G4}.");
    }

    public static void Close(IReadOnlyList<double> expected, ReadOnlySpan<float> actual, double tolerance, string what = "") =>
        Close(expected, Array.ConvertAll(actual.ToArray(), x => (double)x), tolerance, what);
}
