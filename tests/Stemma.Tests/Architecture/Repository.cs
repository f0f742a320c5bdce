namespace Stemma.Tests.Architecture;

/// <summary>The repository's own files, found from where the tests run.</summary>
internal static class Repository
{
    private static readonly string[] s_generated = ["bin", "obj", ".git", ".vs", ".idea", "artifacts", "runs", "TestResults", "BenchmarkDotNet.Artifacts"];

    private static readonly string[] s_text = [".cs", ".csproj", ".props", ".targets", ".slnx", ".md", ".json", ".yml", ".sh", ".txt", ".svg"];

    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Paths from the root, with forward slashes, in a fixed order.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(new(Root)).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Sources => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<string> Texts => Files.Where(file => s_text.Contains(Path.GetExtension(file)) || Path.GetExtension(file).Length == 0);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Stemma.slnx")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Stemma.slnx lies in no folder above the tests."));

    private static IEnumerable<string> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles())
            if (file.Name != ".git") yield return file.FullName;
        foreach (var inner in folder.EnumerateDirectories())
        {
            if (s_generated.Contains(inner.Name)) continue;
            foreach (var file in Walk(inner)) yield return file;
        }
    }
}
