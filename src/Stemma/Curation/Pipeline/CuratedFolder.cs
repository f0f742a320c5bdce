using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Evaluation.Statistics;
using Stemma.Text;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;

namespace Stemma.Curation;

/// <summary>What a build took, in seconds of one core; not part of what is hashed.</summary>
internal sealed record CurationTimings
{
    public double ReadingSeconds { get; init; }

    public IReadOnlyList<double> StepSeconds { get; init; } = [];
}

/// <summary>A built folder: shards, a tokenizer, and where everything is from.</summary>
public sealed class CuratedFolder
{
    internal const string ManifestFile = "manifest.json", RecipeFile = "recipe.json", InputsFile = "inputs.json", ReportFile = "report.json", TimingsFile = "timings.json";

    private CuratedFolder(string path, CurationManifest manifest) => (Path, Manifest) = (path, manifest);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What it is made of.</summary>
    public CurationManifest Manifest { get; }

    /// <summary>The recipe it was built by.</summary>
    public CurationRecipe Recipe => CurationRecipe.Parse(File.ReadAllText(In(RecipeFile)), In(RecipeFile));

    /// <summary>What each step did.</summary>
    public CurationReport Report => Read(ReportFile, StemmaJson.Default.CurationReport);

    /// <summary>MB/s of reading and of each step on one core: bytes that came ÷ seconds; null where the times are not known.</summary>
    public IReadOnlyList<(string Kind, double MegabytesPerSecond)>? Speeds
    {
        get
        {
            if (!File.Exists(In(TimingsFile))) return null;
            var (times, report) = (Read(TimingsFile, StemmaJson.Default.CurationTimings), Report);
            return
            [
                ("reading", report.Reading.Sum(input => input.Bytes) / 1e6 / Math.Max(times.ReadingSeconds, 1e-9)),
                .. report.Steps.Zip(times.StepSeconds).Select(pair => (pair.First.Kind, pair.First.BytesIn / 1e6 / Math.Max(pair.Second, 1e-9))),
            ];
        }
    }

    /// <summary>Whether a folder is a built one.</summary>
    public static bool IsComplete(string folder) => File.Exists(System.IO.Path.Combine(folder, ManifestFile)) && File.Exists(System.IO.Path.Combine(folder, RecipeFile));

    /// <summary>Opens a built folder.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="TextFormatException">Its manifest cannot be read.</exception>
    public static CuratedFolder Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!IsComplete(folder))
        {
            throw new FileNotFoundException(File.Exists(System.IO.Path.Combine(folder, RecipeFile))
                ? $"{folder} is not finished; go on with `stemma data build {System.IO.Path.Combine(folder, RecipeFile)} --out {folder}`."
                : $"{folder} is no folder that `stemma data build` made (it has no {ManifestFile}).");
        }

        return new(folder, ReadFile(System.IO.Path.Combine(folder, ManifestFile), StemmaJson.Default.CurationManifest));
    }

    /// <summary>The paths of its shards.</summary>
    public IReadOnlyList<string> Shards(bool heldOut) => [.. Manifest.Shards.Where(shard => shard.HeldOut == heldOut).Select(shard => In(shard.Path))];

    /// <summary>Tokens of each document, shard after shard.</summary>
    /// <param name="heldOut">Only those that are held out, or only those that are not; null for all.</param>
    public IEnumerable<long> DocumentLengths(bool? heldOut = null)
    {
        foreach (var artefact in Manifest.Shards.Where(shard => heldOut is null || shard.HeldOut == heldOut))
        {
            using var shard = TokenShard.Open(In(artefact.Path), verify: false);
            var starts = shard.DocumentOffsets.ToArray();
            for (var i = 0; i < starts.Length; i++) yield return (i + 1 < starts.Length ? starts[i + 1] : shard.Length) - starts[i];
        }
    }

    /// <summary>
    /// Whether held-out documents are as long as the others, by Kolmogorov and Smirnov's test: a held-out part of other lengths is no fair sample. Null where
    /// either side has fewer than two.
    /// </summary>
    public TestResult? HeldOutLengths()
    {
        var (heldOut, train) = (Lengths(true), Lengths(false));
        return heldOut.Length < 2 || train.Length < 2 ? null : SignificanceTests.KolmogorovSmirnov(heldOut, train);

        double[] Lengths(bool side) => [.. DocumentLengths(side).Select(length => (double)length)];
    }

    /// <summary>What batches of its documents would waste.</summary>
    /// <param name="contextLength">Tokens of a row.</param>
    public PaddingWaste Waste(int contextLength) => PaddingWaste.Of(DocumentLengths(), contextLength, 32);

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer() => TokenizerFolder.Load(In(""));

    /// <summary>The document that a token of a shard is from.</summary>
    /// <param name="shardPath">A shard of a built folder.</param>
    /// <param name="offset">The token's place in the shard, from 0.</param>
    /// <exception cref="ConfigurationException">There is no such token, or the shard belongs to no built folder.</exception>
    public static TracedToken Trace(string shardPath, long offset)
    {
        ArgumentException.ThrowIfNullOrEmpty(shardPath);
        if (!File.Exists(shardPath)) throw new FileNotFoundException($"There is no shard {shardPath}.", shardPath);
        var folder = Open(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(shardPath))!);
        var shard = folder.Manifest.Shards.FirstOrDefault(shard => shard.Path == System.IO.Path.GetFileName(shardPath)) ?? throw new ConfigurationException($"{shardPath} is no shard of the folder's {ManifestFile}.");
        using var tokens = TokenShard.Open(shardPath, verify: false);
        if (offset < 0 || offset >= tokens.Length) throw new ConfigurationException($"{shardPath} has the tokens 0 to {tokens.Length - 1}; there is no token {offset}.");
        var found = tokens.DocumentOffsets.BinarySearch(offset);
        var number = found >= 0 ? found : ~found - 1;
        // Documents without a token share their place with the next one.
        while (number + 1 < tokens.DocumentOffsets.Length && tokens.DocumentOffsets[number + 1] <= offset) number++;
        var line = File.ReadLines(folder.In(shard.DocumentsPath)).ElementAtOrDefault(number) ?? throw new TextFormatException($"{folder.In(shard.DocumentsPath)} has too few lines: it does not belong to {shardPath}.");
        var document = JsonSerializer.Deserialize(line, CurationJson.Default.ShardDocument)!;
        var (start, end) = (tokens.DocumentOffsets[number], number + 1 < tokens.DocumentOffsets.Length ? tokens.DocumentOffsets[number + 1] : tokens.Length);
        const int Around = 12;
        var (from, to) = (Math.Max(start, offset - Around), Math.Min(end, offset + Around + 1));
        var ids = new int[to - from];
        tokens.Read(from, ids);
        var tokenizer = folder.Tokenizer();
        var at = (int)(offset - from);
        return new(folder, shard, number, start, end, document, folder.Manifest.Inputs.FirstOrDefault(input => input.Input == document.Input && input.Name == document.File),
            tokenizer.Decode(ids.AsSpan(0, at)), tokenizer.Decode([ids[at]]), tokenizer.Decode(ids.AsSpan(at + 1)));
    }

    /// <summary>Compares all files with the manifest.</summary>
    /// <returns>The paths of those that differ or are missing.</returns>
    public IReadOnlyList<string> Verify()
    {
        List<(string Path, string Hash)> files = [(Manifest.Recipe.Path, Manifest.Recipe.Sha256), (Manifest.Tokenizer.Path, Manifest.Tokenizer.Sha256), (Manifest.Report.Path, Manifest.Report.Sha256)];
        files.AddRange(Manifest.Prepared.Select(made => (made.Path, made.Sha256)));
        files.AddRange(Manifest.Shards.SelectMany(shard => ((string, string)[])[(shard.Path, shard.Sha256), (shard.DocumentsPath, shard.DocumentsSha256)]));
        return [.. files.Where(file => !File.Exists(In(file.Path)) || HashOf(In(file.Path)) != file.Hash).Select(file => file.Path)];
    }

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream));
    }

    private T Read<T>(string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => ReadFile(In(file), type);

    private static T ReadFile<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), type) ?? throw new TextFormatException($"{path} is empty. Build the folder again.");
        }
        catch (JsonException)
        {
            throw new TextFormatException($"{path} cannot be read as what `stemma data build` writes. Build the folder again.");
        }
    }

    private string In(string path) => System.IO.Path.Combine(Path, path);
}

/// <summary>Where a token is from.</summary>
/// <param name="Folder">The built folder.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Number">The document's number in the shard.</param>
/// <param name="Start">The document's first token.</param>
/// <param name="End">The token after its last.</param>
/// <param name="Document">The document.</param>
/// <param name="Input">The file it was read from, with its hash.</param>
/// <param name="Before">Text of the document before the token.</param>
/// <param name="Token">The token's text.</param>
/// <param name="After">Text of the document after it.</param>
public sealed record TracedToken(CuratedFolder Folder, ShardArtefact Shard, int Number, long Start, long End, ShardDocument Document, InputArtefact? Input, string Before, string Token, string After);

/// <summary>Records as single lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ShardDocument))]
internal sealed partial class CurationJson : JsonSerializerContext;
