using System.Security.Cryptography;
using System.Text;

namespace Stemma.Curation;

/// <summary>What a build works on: its recipe, where its files are, and how it may work.</summary>
/// <param name="recipe">What to do.</param>
/// <param name="folder">Where to.</param>
/// <param name="options">How to work.</param>
/// <param name="cancellation">Stops the work.</param>
internal sealed class BuildFolder(CurationRecipe recipe, string folder, CurationOptions options, CancellationToken cancellation)
{
    public CurationRecipe Recipe => recipe;

    public string Location => folder;

    public CurationOptions Options => options;

    public CancellationToken Cancellation => cancellation;

    public ParallelOptions Parallelism => new() { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };

    public string In(string path) => Path.Combine(folder, path);

    public string Work(string inner = "") => Path.Combine(folder, "work", inner);

    /// <summary>The documents of a part after a pass.</summary>
    public string Part(int pass, int part) => Path.Combine(Work($"{pass:00}"), $"{part:000000}.part");

    /// <summary>The documents of a part, ready to be gathered into shards.</summary>
    public string Scatter(int part) => Path.Combine(Work("shuffle"), $"{part:000000}.scatter");

    /// <summary>What a step has prepared, relative to the folder.</summary>
    public string Prepared(int step) => $"prepared/{step:00}-{recipe.Steps[step].Kind}";

    public void Report(CurationProgress progress) => options.Progress?.Report(progress);

    public static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public static string HashOfAll(IEnumerable<string> hashes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', hashes))));
}
