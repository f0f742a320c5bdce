using System.Xml.Linq;
using Xunit;

namespace Stemma.Tests.Architecture;

/// <summary>Numbers and text know nothing of each other, and every package has its place.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> s_allowed = new()
    {
        ["src/Stemma.Numerics"] = ([], ["Iced", "System.Numerics.Tensors", "MathNet.Numerics"]),
        ["src/Stemma.Text"] = ([], []),
        ["src/Stemma"] = (["Stemma.Numerics", "Stemma.Text"], ["AngleSharp", "Microsoft.Extensions.AI.Abstractions"]),
        ["src/Stemma.Cli"] = (["Stemma"], ["System.CommandLine", "Spectre.Console"]),
        ["tests/Stemma.Tests"] = (["Stemma", "Stemma.Cli"], ["Microsoft.NET.Test.Sdk", "xunit.v3", "xunit.runner.visualstudio"]),
        ["bench/Stemma.Bench"] = (["Stemma"], ["BenchmarkDotNet", "Microsoft.CodeAnalysis.CSharp", "Microsoft.Diagnostics.Tracing.TraceEvent", "System.Management"]),
    };

    public static TheoryData<string> Projects => [.. Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_only_what_it_may(string file)
    {
        var folder = Path.GetDirectoryName(file)!.Replace('\\', '/');
        Assert.True(s_allowed.TryGetValue(folder, out var allowed), $"{file} is a new project: say here what it may reference.");
        var project = XDocument.Parse(Repository.Read(file));
        Assert.Empty(References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Except(allowed.Projects));
        Assert.Empty(References(project, "PackageReference").Except(allowed.Packages));
        Assert.Empty(References(project, "Reference"));
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        foreach (var file in Projects)
            Assert.DoesNotContain(XDocument.Parse(Repository.Read(file.Data)).Descendants("PackageReference"), package => package.Attribute("Version") is not null);
        var known = s_allowed.Values.SelectMany(allowed => allowed.Packages);
        Assert.Empty(References(XDocument.Parse(Repository.Read("Directory.Packages.props")), "PackageVersion").Except(known));
    }

    [Fact]
    public void Numbers_and_text_do_not_name_each_other()
    {
        Assert.DoesNotContain(Repository.Sources, file => file.StartsWith("src/Stemma.Numerics/", StringComparison.Ordinal) && Repository.Read(file).Contains("using Stemma.Text", StringComparison.Ordinal));
        Assert.DoesNotContain(Repository.Sources, file => file.StartsWith("src/Stemma.Text/", StringComparison.Ordinal) && Repository.Read(file).Contains("using Stemma.Numerics", StringComparison.Ordinal));
    }

    [Fact]
    public void Decompositions_come_through_their_rooms()
    {
        var named = Repository.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && Repository.Read(file).Contains("using MathNet", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(named);
        Assert.All(named, file => Assert.Matches("^src/Stemma.Numerics/(LinearAlgebra|Distributions)/", file));
    }

    [Fact]
    public void Html_is_parsed_where_text_is_curated()
    {
        var named = Repository.Sources.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && Repository.Read(file).Contains("using AngleSharp", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(named);
        Assert.All(named, file => Assert.StartsWith("src/Stemma/Curation/", file, StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(XDocument project, string kind) => project.Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);
}
