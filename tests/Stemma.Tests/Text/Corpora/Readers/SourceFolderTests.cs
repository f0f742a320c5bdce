using Stemma.Text.Corpora.Readers;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Readers;

/// <summary>What git would not track is not read.</summary>
public sealed class SourceFolderTests
{
    [Fact]
    public void Ignored_files_are_left_out()
    {
        using var folder = new TemporaryFolder();
        Write(".gitignore", "# comment\nbin/\n*.g.cs\n!keep.g.cs\n/only-root.cs\ndocs/**/draft.md\n[Tt]mp?.py\n\\!odd.cs\n");
        Write("inner/.gitignore", "secret.cs\n!*.g.cs\n");
        foreach (var name in new[]
        {
            "a.cs", "bin/x.cs", "deep/bin/y.cs", "b.g.cs", "keep.g.cs", "only-root.cs", "inner/only-root.cs", "docs/draft.md", "docs/a/b/draft.md", "tmp1.py", "Tmp2.py", "tmp.py",
            "inner/secret.cs", "inner/c.g.cs", "inner/d.cs", ".hidden/e.cs", "image.png", "!odd.cs",
        }) Write(name, "x");
        Assert.Equal(["a.cs", "inner/c.g.cs", "inner/d.cs", "inner/only-root.cs", "keep.g.cs", "tmp.py"], SourceFolder.Files(folder.Path));

        void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], text);
        }
    }

    [Fact]
    public void Patterns_of_stars_end_in_bounded_time()
    {
        var ignore = new GitIgnore("", [string.Concat(Enumerable.Repeat("a*", 40)) + "b"]);
        Assert.False(GitIgnore.Ignores([ignore], new string('a', 200), isFolder: false));
    }
}
