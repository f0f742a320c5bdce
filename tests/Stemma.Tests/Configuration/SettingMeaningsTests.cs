using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Stemma.Configuration;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Configuration;

/// <summary>The meanings that the command line prints are the summaries in the source; set STEMMA_UPDATE=1 to write them anew.</summary>
public sealed partial class SettingMeaningsTests
{
    private static readonly Type[] Families = [typeof(ModelConfig), typeof(TokenizerConfig), typeof(OptimizerConfig), typeof(Schedule), typeof(RecurrentDropout), typeof(RotaryScaling), typeof(PositionsConfig), typeof(AttentionPattern), typeof(AttentionConfig), typeof(FeedForwardConfig)];

    [Fact]
    public void Every_setting_says_what_it_means() =>
        Assert.Empty(Settings.All.Where(setting => setting.Meaning.Length == 0).Select(setting => setting.Path));

    [Fact]
    public void Meanings_are_the_summaries_of_the_records()
    {
        var expected = Source();
        var file = SourceFile();
        if (Environment.GetEnvironmentVariable("STEMMA_UPDATE") == "1") File.WriteAllText(file, expected);
        Assert.Equal(expected, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    private static string Source()
    {
        var documentation = XDocument.Load(Path.ChangeExtension(typeof(Settings).Assembly.Location, ".xml"));
        var summaries = documentation.Descendants("member").ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary"));
        var records = typeof(TrainingRun).Assembly.GetTypes().Where(type => type.IsVisible && Families.Any(family => family.IsAssignableFrom(type))).Append(typeof(TrainingRun)).Append(typeof(DataConfig));
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (Families.Contains(record)) lines.Add(Line(record.Name, summaries[$"T:{record.FullName}"]));
            foreach (var property in record.GetProperties().Where(property => property.DeclaringType == record && property.SetMethod is { IsStatic: false, IsPublic: true }))
                lines.Add(Line($"{record.Name}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)}", summaries[$"P:{record.FullName}.{property.Name}"]));
        }

        return $$"""
            // Written by SettingMeaningsTests from the documentation comments.
            namespace Stemma.Configuration;

            internal static partial class SettingMeanings
            {
                private static readonly Dictionary<string, string> Meanings = new()
                {
            {{string.Join('\n', lines)}}
                };
            }

            """.ReplaceLineEndings("\n");
    }

    private static string Line(string key, XElement? summary) => $"        [\"{key}\"] = {JsonSerializer.Serialize(Text(summary), Relaxed)},";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Text(XElement? summary)
    {
        if (summary is null) return "";
        var parts = summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" } see => JsonNamingPolicy.SnakeCaseLower.ConvertName(((string)see.Attribute("cref")!).Split('.', ':')[^1]),
            XElement element => element.Value,
            XText text => text.Value,
            _ => "",
        });
        return Spaces().Replace(string.Concat(parts), " ").Trim();
    }

    private static string SourceFile([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/Stemma/Configuration/SettingMeanings.g.cs"));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
