using Xunit;

namespace Stemma.Tests.Text;

/// <summary>Where test data is: small fixtures beside the tests, larger public data in the folder that STEMMA_DATA names.</summary>
internal static class TextData
{
    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "Text", name);

    /// <summary>A path in the data folder; the test is skipped where there is none.</summary>
    public static string Shared(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable("STEMMA_DATA");
        Assert.SkipUnless(Directory.Exists(root), "STEMMA_DATA does not name a folder of test data.");
        var path = Path.Combine([root!, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"The test data has no {string.Join('/', parts)}.");
        return path;
    }
}
