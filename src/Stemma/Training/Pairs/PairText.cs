using System.IO.Compression;
using System.Text;
using Stemma.Text;

namespace Stemma.Training.Pairs;

/// <summary>Lines of text that belong together.</summary>
public static class PairText
{
    /// <summary>The lines of a file of UTF-8 text, unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="TextFormatException">It is not UTF-8, or cannot be unpacked.</exception>
    public static string[] Lines(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        try
        {
            using var file = File.OpenRead(path);
            using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return Split(reader.ReadToEnd());
        }
        catch (DecoderFallbackException error)
        {
            throw new TextFormatException($"{path} is not UTF-8. Convert it.", error);
        }
        catch (InvalidDataException error)
        {
            throw new TextFormatException($"{path} is not a gzip file, or it is damaged.", error);
        }
    }

    /// <summary>A text's lines; other marks that Unicode counts as ends of lines are part of one.</summary>
    public static string[] Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++) lines[i] = lines[i].TrimEnd('\r');
        return lines is [.. var whole, ""] ? whole : lines;
    }

    /// <summary>Two files of lines that belong together.</summary>
    /// <exception cref="ConfigurationException">They have different numbers of lines, or none.</exception>
    /// <inheritdoc cref="Lines" path="/exception"/>
    public static (string[] Sources, string[] Targets) Read(string source, string target)
    {
        var (sources, targets) = (Lines(source), Lines(target));
        if (sources.Length != targets.Length) throw new ConfigurationException($"{source} has {sources.Length:N0} lines and {target} {targets.Length:N0}; they belong together line by line.");
        if (sources.Length == 0) throw new ConfigurationException($"{source} is empty; there is nothing to learn from.");
        return (sources, targets);
    }
}
