using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Resources;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>A message of the .NET SDK in one of its languages.</summary>
/// <param name="Language">The language, as .NET names it.</param>
/// <param name="Key">What it is a translation of: the assembly and the message's name, the same in all languages.</param>
/// <param name="Text">The message.</param>
public sealed record TranslatedMessage(string Language, string Key, string Text);

/// <summary>
/// The messages that the tools of the .NET SDK carry in fourteen languages: real sentences, the same in all of them, on every machine that
/// can build .NET programs. Read from the resources of the satellite assemblies as data; no code of them is loaded.
/// </summary>
public static class TranslatedMessages
{
    private const int MostFileBytes = 64 << 20, ShortestMessage = 8, EnoughCharacters = 1_000_000;

    /// <summary>The languages.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["cs", "de", "en", "es", "fr", "it", "ja", "ko", "pl", "pt-BR", "ru", "tr", "zh-Hans", "zh-Hant"];

    /// <summary>Messages in the order of the files' names, each text of a language once, until each language has a million characters.</summary>
    /// <param name="dotnetRoot">The folder of the <c>dotnet</c> host; null looks for the one in use, then for others installed.</param>
    /// <exception cref="TextFormatException">No SDK with translations is installed; the message tells the way out.</exception>
    public static IReadOnlyList<TranslatedMessage> Read(string? dotnetRoot = null)
    {
        foreach (var root in dotnetRoot is null ? DotnetInstallation.Candidates() : [dotnetRoot])
            if (NewestSdk(root) is { } sdk && ReadFolder(sdk) is { Count: > 0 } messages) return messages;
        throw new TextFormatException(
            $"No .NET SDK with translated messages was found{(dotnetRoot is null ? "" : $" in {dotnetRoot}")} (sdk/<version>/<language>/*.resources.dll). Install the .NET SDK, or set DOTNET_ROOT to it.");
    }

    private static string? NewestSdk(string root)
    {
        var folder = Path.Combine(root, "sdk");
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(version => Directory.Exists(Path.Combine(version, "de"))).OrderByDescending(version => Version.TryParse(Path.GetFileName(version).Split('-')[0], out var number) ? number : new Version(0, 0)).ThenByDescending(version => version, StringComparer.Ordinal).FirstOrDefault()
            : null;
    }

    private static List<TranslatedMessage> ReadFolder(string sdk)
    {
        List<TranslatedMessage> messages = [];
        HashSet<(string, string)> seen = [];
        HashSet<(string, string)> known = [];
        var characters = Languages.ToDictionary(language => language, _ => 0L);
        foreach (var satellite in Directory.EnumerateFiles(sdk, "*.resources.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var language = Path.GetFileName(Path.GetDirectoryName(satellite))!;
            if (!Languages.Contains(language)) continue;
            var assembly = Path.GetFileName(satellite)[..^".resources.dll".Length];
            // The same assembly lies beside several tools.
            if (known.Add((language, assembly))) Add(satellite, language, assembly);
            // The assembly itself speaks English.
            var main = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(satellite))!, $"{assembly}.dll");
            if (File.Exists(main) && known.Add(("en", assembly))) Add(main, "en", assembly);
        }

        return messages;

        void Add(string file, string language, string assembly)
        {
            if (characters[language] > EnoughCharacters) return;
            foreach (var (name, text) in Strings(file))
            {
                if (text.Length < ShortestMessage || !seen.Add((language, text))) continue;
                messages.Add(new(language, $"{assembly}/{name}", text));
                characters[language] += text.Length;
            }
        }
    }

    private static List<(string Name, string Text)> Strings(string file)
    {
        List<(string, string)> strings = [];
        if (new FileInfo(file).Length > MostFileBytes) return strings;
        try
        {
            using var assembly = new PEReader(new MemoryStream(File.ReadAllBytes(file)));
            if (!assembly.HasMetadata || assembly.PEHeaders.CorHeader is not { ResourcesDirectory.Size: > 4 } header) return strings;
            var metadata = assembly.GetMetadataReader();
            var block = assembly.GetSectionData(header.ResourcesDirectory.RelativeVirtualAddress);
            foreach (var handle in metadata.ManifestResources)
            {
                var resource = metadata.GetManifestResource(handle);
                if (!resource.Implementation.IsNil || !metadata.GetString(resource.Name).EndsWith(".resources", StringComparison.Ordinal)) continue;
                var reader = block.GetReader((int)resource.Offset, block.Length - (int)resource.Offset);
                Read(reader.ReadBytes(Math.Min(reader.ReadInt32(), reader.RemainingBytes)), strings);
            }
        }
        catch (Exception error) when (error is BadImageFormatException or ArgumentException or IOException or OverflowException)
        {
            // A file of another kind, or a damaged one: there are hundreds more.
        }

        return strings;
    }

    private static void Read(byte[] resources, List<(string, string)> strings)
    {
        using var reader = new ResourceReader(new MemoryStream(resources));
        var entries = reader.GetEnumerator();
        while (entries.MoveNext())
        {
            var name = (string)entries.Key;
            reader.GetResourceData(name, out var type, out var data);
            if (type != "ResourceTypeCode.String") continue;
            using var text = new BinaryReader(new MemoryStream(data));
            strings.Add((name, text.ReadString()));
        }
    }
}
