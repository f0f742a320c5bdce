using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Stemma.Cli;
using Stemma.Configuration;
using Stemma.Tests.Architecture;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>What the README and the pages tell people to type can be typed.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] s_pages = [.. Repository.Files.Where(file => file == "README.md" || file.StartsWith("docs/", StringComparison.Ordinal) && file.EndsWith(".md", StringComparison.Ordinal))];

    public static TheoryData<string, string> Commands => [.. s_pages.SelectMany(page => CommandsIn(page).Select(command => (page, command)))];

    public static TheoryData<string> Labs => [.. Repository.Files.Where(file => file.StartsWith("labs/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Commands))]
    public void Every_command_is_one(string page, string command)
    {
        using var output = new StringWriter();
        var root = CommandLine.Root(new() { Output = output, Error = output, OpenInput = () => Stream.Null });
        var parsed = root.Parse([.. CommandLineParser.SplitCommandLine(command).Skip(1)]);
        Assert.True(parsed.Errors.Count == 0, $"{page}: {command}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
        var settingsHelp = command == "stemma train --help settings";
        Assert.True(settingsHelp || parsed.UnmatchedTokens.Count == 0, $"{page}: {command} has no {string.Join(' ', parsed.UnmatchedTokens)}");
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>())
        {
            var values = option.Tokens.Select(token => token.Value).ToArray();
            if (option.Option.Name == "--preset") Presets.Find(values[0]);
            if (option.Option.Name == "--set") Settings.Apply(new(), values);
        }
    }

    [Fact]
    public void There_are_commands_to_check() => Assert.True(CommandsIn("README.md").Distinct().Count() >= 8);

    [Fact]
    public async Task What_a_command_prints_is_what_it_prints()
    {
        // "$ command", then what comes of it, up to the end of the block.
        var shown = Block().Matches(Repository.Read("README.md")).Select(match => match.Groups[1].Value).Where(block => block.StartsWith("$ stemma ", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(shown);
        foreach (var block in shown)
        {
            var lines = block.TrimEnd().Split('\n', 2);
            var run = await CommandLineRun.Of([.. CommandLineParser.SplitCommandLine(lines[0][2..]).Skip(1)]);
            Assert.Equal(lines[1], (run.Output + run.Error).TrimEnd());
        }
    }

    [Theory, MemberData(nameof(Labs))]
    public void Every_lab_is_listed(string lab) => Assert.Contains($"`{lab}`", Repository.Read("README.md"), StringComparison.Ordinal);

    [Fact]
    public void Figures_and_pages_that_are_linked_exist()
    {
        var links = from page in s_pages
                    from Match link in Link().Matches(Repository.Read(page))
                    let target = link.Groups[1].Value
                    where !target.StartsWith("http", StringComparison.Ordinal) && !target.StartsWith('#')
                    select (page, Path: Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, target.Split('#')[0]));
        Assert.DoesNotContain(links, link => !File.Exists(link.Path) && !Directory.Exists(link.Path));
    }

    /// <summary>Lines of fenced blocks that begin with the command, but not those that show a misuse; and those within a sentence.</summary>
    private static IEnumerable<string> CommandsIn(string page)
    {
        var text = Repository.Read(page);
        var blocks = from Match block in Block().Matches(text)
                     from line in block.Groups[1].Value.Split('\n')
                     select line.Trim();
        var inline = Inline().Matches(Block().Replace(text, "")).Select(match => match.Groups[1].Value.ReplaceLineEndings(" "));
        return blocks.Concat(inline).Where(line => line.StartsWith("stemma ", StringComparison.Ordinal) && !line.Contains('…')).Select(line => line.Split(" #")[0].TrimEnd());
    }

    [GeneratedRegex(@"^```\w*\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`(stemma [^`]*)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
