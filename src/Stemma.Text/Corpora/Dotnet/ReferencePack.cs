namespace Stemma.Text.Corpora.Dotnet;

/// <summary>A reference pack of the .NET SDK: reference assemblies with their documentation beside them.</summary>
/// <param name="Name">Its name, for example <c>Microsoft.NETCore.App.Ref</c>.</param>
/// <param name="Version">Its version, for example <c>10.0.12</c>.</param>
/// <param name="Files">Its documentation files, full paths in ordinal order.</param>
public sealed record ReferencePack(string Name, string Version, IReadOnlyList<string> Files)
{
    private const string Base = "Microsoft.NETCore.App.Ref";

    /// <summary>
    /// The newest version of each pack under <c>packs</c> of a .NET installation that holds documentation, the base library
    /// first and the others in ordinal order. Of several target frameworks in a pack the last by name counts.
    /// </summary>
    internal static IReadOnlyList<ReferencePack> InstalledUnder(string dotnetRoot)
    {
        var packs = Path.Combine(dotnetRoot, "packs");
        if (!Directory.Exists(packs)) return [];
        return
        [
            .. Directory.EnumerateDirectories(packs, "*.Ref")
                .Select(Newest)
                .OfType<ReferencePack>()
                .OrderBy(pack => pack.Name != Base)
                .ThenBy(pack => pack.Name, StringComparer.Ordinal),
        ];
    }

    private static ReferencePack? Newest(string pack) =>
        Directory.EnumerateDirectories(pack)
            .OrderByDescending(folder => Order(Path.GetFileName(folder)))
            .Select(folder => new ReferencePack(Path.GetFileName(pack), Path.GetFileName(folder), FilesOf(folder)))
            .FirstOrDefault(found => found.Files.Count > 0);

    private static List<string> FilesOf(string version)
    {
        var references = Path.Combine(version, "ref");
        if (!Directory.Exists(references)) return [];
        foreach (var framework in Directory.EnumerateDirectories(references, "net*").OrderDescending(StringComparer.Ordinal))
        {
            List<string> files = [.. Directory.EnumerateFiles(framework, "*.xml").Order(StringComparer.Ordinal)];
            if (files.Count > 0) return files;
        }

        return [];
    }

    // A release comes after its previews: 10.0.0-rc.1 < 10.0.0.
    private static (Version Number, bool IsRelease, string Text) Order(string version)
    {
        var dash = version.IndexOf('-', StringComparison.Ordinal);
        return (System.Version.TryParse(dash < 0 ? version : version[..dash], out var number) ? number : new Version(0, 0), dash < 0, version);
    }
}
