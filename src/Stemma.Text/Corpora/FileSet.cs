namespace Stemma.Text.Corpora;

/// <summary>The files that a path names: itself, those of a folder, or those that a glob fits.</summary>
public static class FileSet
{
    /// <summary>The files, as paths from a root with <c>/</c>, in ordinal order. Hidden ones are left out, links to folders are not followed.</summary>
    /// <param name="path">A file, a folder, or a glob such as <c>crawl/**/*.warc.gz</c>.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static (string Root, IReadOnlyList<string> Names) Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path)) return (Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".", [Path.GetFileName(path)]);
        var (root, names) = Directory.Exists(path) ? (path, [.. Glob.FilesBelow(path)]) : Glob.IsPattern(path) && new Glob(path) is var glob ? (glob.Root, glob.Match()) : ("", new List<string>());
        if (names.Count == 0) throw new FileNotFoundException($"There is no file {path}, no folder with files of that name, and no file that it fits as a glob.", path);
        names.Sort(StringComparer.Ordinal);
        return (root, names);
    }
}
