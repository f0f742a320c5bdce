using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Models.Checkpoints;
using Stemma.Models.NGram;
using Stemma.Numerics;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Mixture;

/// <summary>A mixture's folder: <c>config.json</c> with the weights, and each part's folder in it, <c>part-0</c>, <c>part-1</c> …</summary>
public static class MixtureCheckpoint
{
    /// <summary>The value of <c>model_type</c> in <c>config.json</c>.</summary>
    public const string ModelType = "mixture";

    private const int MostParts = 64;

    /// <summary>Writes a mixture of models that lie in folders; their files are copied.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="parts">The models' folders.</param>
    /// <param name="weights">λ, one for each.</param>
    /// <param name="tokenizerHash">The hash of the tokenizer that they share.</param>
    /// <exception cref="CheckpointException">A part is a mixture itself.</exception>
    public static void Save(string folder, IReadOnlyList<string> parts, IReadOnlyList<double> weights, string tokenizerHash)
    {
        ArgumentNullException.ThrowIfNull(parts);
        MixtureModel.Validate(weights, parts.Count);
        if (parts.FirstOrDefault(part => ModelFolder.TypeOf(part) == ModelType) is { } nested) throw new CheckpointException($"{nested} is a mixture already; mix its parts.");
        for (var i = 0; i < parts.Count; i++)
        {
            var target = Directory.CreateDirectory(Path.Combine(folder, $"part-{i}")).FullName;
            foreach (var name in (string[])[CheckpointFiles.Config, CheckpointFiles.Weights, NGramCheckpoint.TableFile])
                if (Path.Combine(parts[i], name) is var file && File.Exists(file)) File.Copy(file, Path.Combine(target, name), overwrite: true);
        }
        var config = new MixtureConfigFile { ModelType = ModelType, Weights = weights, TokenizerHash = tokenizerHash };
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), JsonSerializer.Serialize(config, StemmaJson.Default.MixtureConfigFile) + "\n");
    }

    /// <summary>Opens the mixture of a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static MixtureModel Load(string folder, Device device)
    {
        var path = Path.Combine(folder, CheckpointFiles.Config);
        var weights = Read(folder).Weights ?? throw new CheckpointException($"{path} lacks the field weights.");
        if (weights.Count > MostParts) throw new CheckpointException($"{path} has {weights.Count} weights; a mixture has at most {MostParts} parts.");
        var parts = new List<ILanguageModel>();
        try
        {
            for (var i = 0; i < weights.Count; i++)
            {
                var part = Path.Combine(folder, $"part-{i}");
                if (ModelFolder.TypeOf(part) == ModelType) throw new CheckpointException($"{part} is a mixture within a mixture.");
                parts.Add(ModelFolder.Open(part, device));
            }
            return new(parts, weights);
        }
        catch (Exception error)
        {
            foreach (var part in parts) (part as IDisposable)?.Dispose();
            if (error is ConfigurationException) throw new CheckpointException($"{path}: {error.Message}", error);
            throw;
        }
    }

    internal static string? TokenizerHash(string folder) => Read(folder).TokenizerHash;

    private static MixtureConfigFile Read(string folder) => CheckpointFiles.ReadJson(Path.Combine(folder, CheckpointFiles.Config), StemmaJson.Default.MixtureConfigFile);
}

/// <summary><c>config.json</c> of a mixture. Null is a field that was not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record MixtureConfigFile
{
    public string? ModelType { get; init; }

    public IReadOnlyList<double>? Weights { get; init; }

    public string? TokenizerHash { get; init; }
}
