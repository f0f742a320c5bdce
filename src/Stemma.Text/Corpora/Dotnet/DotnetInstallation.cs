using System.Runtime.InteropServices;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// Finds installed .NET SDKs: what <c>DOTNET_ROOT</c> and <c>DOTNET_HOST_PATH</c> name, where the running runtime is, where the
/// <c>dotnet</c> on the path really is, and the places installers use.
/// </summary>
internal static class DotnetInstallation
{
    /// <summary>Folders that may be a .NET installation, likeliest first.</summary>
    public static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root) yield return root;
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && Path.GetDirectoryName(Resolve(host)) is { } hostFolder)
            yield return hostFolder;

        // <root>/shared/Microsoft.NETCore.App/<version>/
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var dotnet = Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
            if (File.Exists(dotnet) && Path.GetDirectoryName(Resolve(dotnet)) is { } installation) yield return installation;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        yield return Path.Combine(home, ".dotnet");
        if (OperatingSystem.IsWindows())
        {
            yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet");
            yield break;
        }

        string[] usual =
        [
            "/usr/share/dotnet",
            "/usr/lib/dotnet",
            "/usr/lib64/dotnet",
            "/usr/local/share/dotnet",
            "/opt/homebrew/opt/dotnet/libexec",
            "/snap/dotnet-sdk/current",
        ];
        foreach (var folder in usual) yield return folder;
    }

    private static string Resolve(string file) => File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file);
}
