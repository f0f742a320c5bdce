namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// The source files of a folder as git sees it: what the <c>.gitignore</c> files in it leave, without hidden files and folders and without
/// links to folders.
/// </summary>
public static class SourceFolder
{
    private const int MostIgnoreBytes = 1 << 20;

    private static readonly HashSet<string> Extensions = new(
    [
        ".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".cs", ".fs", ".vb", ".java", ".kt", ".scala", ".go", ".rs", ".swift", ".m", ".py", ".pyi", ".rb", ".php", ".pl", ".lua", ".r",
        ".jl", ".js", ".jsx", ".ts", ".tsx", ".css", ".scss", ".sql", ".sh", ".bash", ".ps1", ".hs", ".ml", ".mli", ".ex", ".exs", ".erl", ".clj", ".lisp", ".el", ".zig", ".nim",
        ".dart", ".proto", ".cmake", ".md", ".rst", ".txt", ".toml", ".yml", ".yaml",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>The files, as paths below the folder with <c>/</c>, in ordinal order.</summary>
    /// <exception cref="FileNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<string> Files(string folder)
    {
        if (!Directory.Exists(folder)) throw new FileNotFoundException($"There is no folder {folder}.", folder);
        List<string> files = [];
        Walk(folder, "", [], files);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static void Walk(string root, string below, IReadOnlyList<GitIgnore> rules, List<string> files)
    {
        var waiting = new Stack<(string Below, IReadOnlyList<GitIgnore> Rules)>([(below, rules)]);
        while (waiting.TryPop(out var folder))
        {
            var here = new DirectoryInfo(Path.Combine(root, folder.Below));
            var ignore = new FileInfo(Path.Combine(here.FullName, ".gitignore"));
            var known = ignore.Exists && ignore.Length <= MostIgnoreBytes ? [.. folder.Rules, new GitIgnore(folder.Below, File.ReadLines(ignore.FullName))] : folder.Rules;
            foreach (var entry in here.EnumerateFileSystemInfos())
            {
                if (entry.Name.StartsWith('.')) continue;
                var name = folder.Below.Length == 0 ? entry.Name : $"{folder.Below}/{entry.Name}";
                var isFolder = entry is DirectoryInfo;
                if (GitIgnore.Ignores(known, name, isFolder)) continue;
                if (!isFolder && Extensions.Contains(entry.Extension)) files.Add(name);
                if (isFolder && entry.LinkTarget is null) waiting.Push((name, known));
            }
        }
    }
}
