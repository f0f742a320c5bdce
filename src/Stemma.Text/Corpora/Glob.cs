namespace Stemma.Text.Corpora;

/// <summary>A file name pattern, see <see cref="GlobCorpus"/>.</summary>
internal sealed class Glob
{
    private readonly string[] parts;

    public Glob(string pattern)
    {
        var all = (Path.DirectorySeparatorChar == '\\' ? pattern.Replace('\\', '/') : pattern).Split('/');
        var plain = all.TakeWhile(part => !IsPattern(part)).Count();
        if (plain == all.Length) plain--;
        Root = plain == 0 ? "." : plain == 1 && all[0].Length == 0 ? "/" : string.Join('/', all[..plain]);
        parts = [.. all[plain..].Where(part => part.Length > 0)];
    }

    /// <summary>The folder before the first part with a wildcard.</summary>
    public string Root { get; }

    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>The files below the root that match, as paths from the root, in no particular order.</summary>
    public List<string> Match() => [.. FilesBelow(Root, parts.Any(part => part.StartsWith('.'))).Where(name => Matches(name.Split('/'), parts))];

    /// <summary>Every file below a folder, as a path from it; without hidden ones unless asked.</summary>
    public static IEnumerable<string> FilesBelow(string folder, bool hidden = false)
    {
        if (!Directory.Exists(folder)) yield break;
        var waiting = new Stack<string>([""]);
        while (waiting.TryPop(out var below))
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(folder, below)).EnumerateFileSystemInfos())
            {
                if (!hidden && entry.Name.StartsWith('.')) continue;
                var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
                if (entry is FileInfo) yield return name;
                else if (entry.LinkTarget is null) waiting.Push(name);
            }
        }
    }

    private static bool Matches(ReadOnlySpan<string> names, ReadOnlySpan<string> parts)
    {
        if (parts.IsEmpty) return names.IsEmpty;
        if (parts[0] == "**")
            return Matches(names, parts[1..]) || (!names.IsEmpty && !names[0].StartsWith('.') && Matches(names[1..], parts));
        if (names.IsEmpty || (names[0].StartsWith('.') && !parts[0].StartsWith('.'))) return false;
        return MatchesName(names[0], parts[0]) && Matches(names[1..], parts[1..]);
    }

    // The classic two-pointer match: on a mismatch the last star takes one character more.
    private static bool MatchesName(ReadOnlySpan<char> name, ReadOnlySpan<char> part)
    {
        var (n, p, star, starName) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < part.Length && part[p] == '*') (star, starName) = (p++, n);
            else if (p < part.Length && (part[p] == '?' || part[p] == name[n])) (n, p) = (n + 1, p + 1);
            else if (star >= 0) (n, p) = (++starName, star + 1);
            else return false;
        }

        return part[p..].TrimStart('*').IsEmpty;
    }
}
