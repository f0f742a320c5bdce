namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// The rules of one <c>.gitignore</c> file (gitignore(5)): <c>#</c> comments, <c>!</c> takes back, a slash at the end means
/// folders, a slash elsewhere ties the pattern to the file's folder; <c>*</c>, <c>?</c>, <c>[a-z]</c> and <c>**</c> as there.
/// </summary>
internal sealed class GitIgnore
{
    private readonly string folder;
    private readonly List<(string[] Parts, bool Negated, bool FoldersOnly)> rules = [];

    /// <summary>The rules of a file.</summary>
    /// <param name="folder">Where the file lies, from the root; empty for the root.</param>
    /// <param name="lines">Its lines.</param>
    public GitIgnore(string folder, IEnumerable<string> lines)
    {
        this.folder = folder;
        foreach (var line in lines)
        {
            var pattern = line.TrimEnd('\r');
            // Spaces at the end count only when escaped.
            while (pattern.EndsWith(' ') && !pattern.EndsWith("\\ ", StringComparison.Ordinal)) pattern = pattern[..^1];
            if (pattern.Length == 0 || pattern[0] == '#') continue;
            var negated = pattern[0] == '!';
            if (negated) pattern = pattern[1..];
            var foldersOnly = pattern.EndsWith('/');
            if (foldersOnly) pattern = pattern.TrimEnd('/');
            if (pattern.Length == 0) continue;
            var tied = pattern.Contains('/', StringComparison.Ordinal);
            string[] parts = [.. tied ? [] : (string[])["**"], .. pattern.TrimStart('/').Split('/')];
            rules.Add((parts, negated, foldersOnly));
        }
    }

    /// <summary>Whether a path is ignored: the last rule that fits decides, those of inner folders after those of outer ones.</summary>
    public static bool Ignores(IReadOnlyList<GitIgnore> files, string path, bool isFolder)
    {
        for (var i = files.Count - 1; i >= 0; i--)
            if (files[i].Decision(path, isFolder) is { } ignored) return ignored;
        return false;
    }

    private bool? Decision(string path, bool isFolder)
    {
        var names = (folder.Length == 0 ? path : path[(folder.Length + 1)..]).Split('/');
        for (var i = rules.Count - 1; i >= 0; i--)
        {
            var (parts, negated, foldersOnly) = rules[i];
            if ((isFolder || !foldersOnly) && Fits(names, parts)) return !negated;
        }

        return null;
    }

    // As below, with ** for the star; at the end of a pattern it stands for at least one name.
    private static bool Fits(ReadOnlySpan<string> names, ReadOnlySpan<string> parts)
    {
        var (n, p, star, starName) = (0, 0, -1, 0);
        while (n < names.Length)
        {
            if (p < parts.Length && parts[p] == "**") (star, starName) = (p++, n);
            else if (p < parts.Length && FitsName(names[n], parts[p])) (n, p) = (n + 1, p + 1);
            else if (star >= 0) (n, p) = (++starName, star + 1);
            else return false;
        }

        return p == parts.Length && !(p > 0 && parts[p - 1] == "**" && starName == names.Length);
    }

    // On a mismatch the last star takes one character more: time is the product of the lengths at most.
    private static bool FitsName(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        var (n, p, star, starName) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, starName) = (p++, n);
            else if (p < pattern.Length && FitsOne(name[n], pattern[p..], out var length)) (n, p) = (n + 1, p + length);
            else if (star >= 0) (n, p) = (++starName, star + 1);
            else return false;
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    private static bool FitsOne(char letter, ReadOnlySpan<char> pattern, out int length)
    {
        length = 1;
        switch (pattern[0])
        {
            case '?':
                return true;
            case '\\' when pattern.Length > 1:
                length = 2;
                return letter == pattern[1];
            case '[' when pattern[1..].IndexOf(']') is var close and > 0:
                length = close + 2;
                var set = pattern.Slice(1, close);
                var negated = set[0] is '!' or '^';
                if (negated) set = set[1..];
                var found = false;
                for (var i = 0; i < set.Length; i++)
                {
                    var isRange = i + 2 < set.Length && set[i + 1] == '-';
                    found |= isRange ? letter >= set[i] && letter <= set[i + 2] : letter == set[i];
                    if (isRange) i += 2;
                }

                return found != negated;
            default:
                return letter == pattern[0];
        }
    }
}
