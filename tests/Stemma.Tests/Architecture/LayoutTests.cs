using System.Text.RegularExpressions;
using Xunit;

namespace Stemma.Tests.Architecture;

/// <summary>Where things lie, and what no file may hold.</summary>
public sealed partial class LayoutTests
{
    private const int MostLines = 800;

    [Fact]
    public void A_namespace_is_its_folder()
    {
        // Or the room around it, for the parts of one room: Ops/Elementwise is Stemma.Numerics.Ops.
        var misplaced = from file in Repository.Sources
                        let match = Namespace().Match(Repository.Read(file))
                        where match.Success
                        let folder = string.Join('.', file.Split('/')[1..^1])
                        let room = folder.Contains('.', StringComparison.Ordinal) ? folder[..folder.LastIndexOf('.')] : folder
                        where match.Groups[1].Value != folder && (match.Groups[1].Value != room || room == file.Split('/')[1] && !IsRootRoom(folder))
                        select $"{file}: {match.Groups[1].Value}";
        Assert.Empty(misplaced);

        static bool IsRootRoom(string folder) => folder.EndsWith(".Configuration", StringComparison.Ordinal);
    }

    [Fact]
    public void No_folder_is_a_drawer_for_everything()
    {
        string[] drawers = ["Utils", "Util", "Utilities", "Common", "Helpers", "Core", "Abstractions", "Misc", "Shared"];
        Assert.DoesNotContain(Repository.Files, file => file.Split('/')[..^1].Any(folder => drawers.Contains(folder, StringComparer.OrdinalIgnoreCase)));
    }

    [Fact]
    public void No_source_file_is_too_long() =>
        Assert.DoesNotContain(Repository.Sources, file => !file.EndsWith(".g.cs", StringComparison.Ordinal) && Repository.Read(file).Count(c => c == '\n') > MostLines);

    [Fact]
    public void Nothing_is_left_for_later()
    {
        // Put together, so that this file does not find itself.
        var later = new Regex($@"\b({string.Join('|', "TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception")})\b");
        Assert.DoesNotContain(Repository.Sources, file => later.IsMatch(Repository.Read(file)));
    }

    [Fact]
    public void No_file_names_the_machine_it_was_written_on()
    {
        string[] places = ["/wor" + "k/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", @":\Us" + "ers"];
        var found = from file in Repository.Texts
                    where !file.StartsWith("tests/Stemma.Tests/Fixtures/", StringComparison.Ordinal)
                    let text = Repository.Read(file)
                    from place in places
                    where text.Contains(place, StringComparison.Ordinal)
                    select $"{file} names {place}";
        Assert.Empty(found);
    }

    [Fact]
    public void Lines_end_alike()
    {
        var others = from file in Repository.Texts
                     where !file.StartsWith("tests/Stemma.Tests/Fixtures/", StringComparison.Ordinal)
                     let text = Repository.Read(file)
                     where text.Contains('\r', StringComparison.Ordinal) || (text.Length > 0 && text[^1] != '\n')
                     select file;
        Assert.Empty(others);
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
