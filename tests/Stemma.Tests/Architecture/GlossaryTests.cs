using System.Text.RegularExpressions;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;
using Xunit;

namespace Stemma.Tests.Architecture;

/// <summary>The pages for learners name types, labs and commands that there are. (Commands are tried by the tests of the README.)</summary>
public sealed partial class GlossaryTests
{
    private static readonly System.Reflection.Assembly[] s_assemblies = [typeof(Tensor).Assembly, typeof(Tokenizer).Assembly, typeof(ILanguageModel).Assembly];

    [Fact]
    public void Words_stand_in_their_order_and_their_types_exist()
    {
        var rows = Repository.Read("docs/glossary.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Split('|')).ToArray();
        Assert.True(rows.Length > 25);
        var words = rows.Select(row => row[1].Trim()).ToArray();
        Assert.Equal(words.Order(StringComparer.OrdinalIgnoreCase), words);
        foreach (var row in rows)
        {
            var name = Code().Match(row[4]).Groups[1].Value;
            if (name.StartsWith("Stemma.", StringComparison.Ordinal)) Assert.True(s_assemblies.Any(assembly => assembly.GetType(name) is not null), $"{row[1].Trim()}: there is no type {name}.");
        }
    }

    [Fact]
    public void The_roads_labs_exist_and_its_years_go_up()
    {
        var page = Repository.Read("docs/road.md");
        var named = Code().Matches(page).Select(match => match.Groups[1].Value).Where(code => code.StartsWith("labs/", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.All(named, lab => Assert.Contains(lab, Repository.Files));
        var years = Year().Matches(page).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(years.Order(), years);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("^\\| (\\d{4}) \\|", RegexOptions.Multiline)]
    private static partial Regex Year();
}
