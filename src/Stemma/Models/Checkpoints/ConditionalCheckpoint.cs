using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// The folder of an encoder–decoder: <c>config.json</c> (<c>"model_type": "stemma-pairs"</c>), <c>model.safetensors</c>, and a tokenizer
/// for either side, <c>source.tokenizer.json</c> and <c>target.tokenizer.json</c> (or <c>.model</c>).
/// </summary>
public static class ConditionalCheckpoint
{
    /// <summary><c>model_type</c> of such a folder.</summary>
    public const string ModelType = "stemma-pairs";

    private const string Source = "source.", Target = "target.";
    private const string SourceKey = "stemma.source_tokenizer";

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <param name="folder">Made where needed.</param>
    /// <param name="model">What to write.</param>
    /// <param name="tokens">Its tokenizers.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, ConditionalModel model, PairTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokens);
        Save(folder, tokens);
        var config = new ConditionalConfigFile { ModelType = ModelType, Model = model.Config, Lowercase = tokens.Lowercase };
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), JsonSerializer.Serialize(config, StemmaJson.Default.ConditionalConfigFile) + "\n");
        SafetensorsWriter.Write(
            Path.Combine(folder, CheckpointFiles.Weights), model.Parameters.Concat(model.Constants).Select(weight => (weight.Name, weight.Value)),
            new Dictionary<string, string> { [SourceKey] = tokens.Source.Hash, [CheckpointFiles.TokenizerKey] = tokens.Target.Hash });
    }

    /// <summary>Writes the tokenizers of a folder.</summary>
    internal static void Save(string folder, PairTokens tokens)
    {
        TokenizerFolder.Save(tokens.Source, folder, Source);
        TokenizerFolder.Save(tokens.Target, folder, Target);
    }

    /// <summary>Reads the tokenizers of a folder.</summary>
    internal static (Tokenizer Source, Tokenizer Target) Tokenizers(string folder) => (TokenizerFolder.Load(folder, Source), TokenizerFolder.Load(folder, Target));

    /// <summary>Loads a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static (ConditionalModel Model, PairTokens Tokens) Load(string folder, Device device)
    {
        if (ModelFolder.TypeOf(folder) is var type and not ModelType)
            throw new CheckpointException($"{folder} holds a model of type {type}, which is no encoder–decoder; `stemma translate train` makes one.");
        var path = Path.Combine(folder, CheckpointFiles.Config);
        var file = CheckpointFiles.ReadJson(path, StemmaJson.Default.ConditionalConfigFile);
        var config = file.Model ?? throw new CheckpointException($"{path} lacks the field model.");
        var (source, target) = Tokenizers(folder);
        var tokens = new PairTokens(source, target, file.Lowercase);
        try
        {
            config.Validate();
            if (config.SourceVocabSize < tokens.SourceVocabSize || config.TargetVocabSize < tokens.TargetVocabSize)
                throw new ConfigurationException($"its model has {config.SourceVocabSize} and {config.TargetVocabSize} tokens, its tokenizers {tokens.SourceVocabSize} and {tokens.TargetVocabSize}: they do not belong together.");
            using var weights = CheckpointFiles.OpenWeights(folder);
            if (weights.Metadata.GetValueOrDefault(SourceKey) is { } sourceHash && sourceHash != tokens.Source.Hash || weights.Metadata.GetValueOrDefault(CheckpointFiles.TokenizerKey) is { } targetHash && targetHash != tokens.Target.Hash)
                throw new CheckpointException($"The tokenizers in {folder} are not those that its model was trained with: they do not belong together.");
            var read = new CheckpointWeights(weights, name => new(name, Transposed: false));
            var model = config.Build(new Weights(read, device));
            read.ExpectNoOthers(_ => false);
            return (model, tokens);
        }
        catch (ConfigurationException e)
        {
            throw new CheckpointException($"{path}: {e.Message}", e);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointException(e.Message, e);
        }
    }
}

/// <summary><c>config.json</c> of such a folder.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record ConditionalConfigFile
{
    public string? ModelType { get; init; }

    public ConditionalModelConfig? Model { get; init; }

    public bool Lowercase { get; init; }
}
