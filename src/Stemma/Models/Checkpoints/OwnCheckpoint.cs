using System.Text.Json;
using System.Text.Json.Serialization;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Formats;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// The folder of a model whose family has no format elsewhere: <c>config.json</c> holds its configuration as <c>run.json</c> has it
/// (<c>"model_type": "stemma"</c>), <c>model.safetensors</c> its weights under their own names.
/// </summary>
internal static class OwnCheckpoint
{
    public const string ModelType = "stemma";

    /// <summary>Loads a folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together. Nothing is loaded then.</exception>
    public static NeuralLanguageModel Load(string folder, Device device)
    {
        var path = Path.Combine(folder, CheckpointFiles.Config);
        var config = CheckpointFiles.ReadJson(path, StemmaJson.Default.OwnConfigFile).Model ?? throw new CheckpointException($"{path} lacks the field model.");
        try
        {
            config.Validate();
        }
        catch (ConfigurationException e)
        {
            throw new CheckpointException($"{path}: {e.Message}", e);
        }
        return CheckpointFiles.Reading(() =>
        {
            using var file = CheckpointFiles.OpenWeights(folder);
            return Read(file, config, device);
        });
    }

    /// <summary>Writes a folder. Each file is replaced as a whole, the weights last.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, NeuralLanguageModel model, string? tokenizerHash)
    {
        var config = JsonSerializer.Serialize(new OwnConfigFile { ModelType = ModelType, Model = model.Config }, StemmaJson.Default.OwnConfigFile);
        AtomicFile.WriteText(Path.Combine(folder, CheckpointFiles.Config), config + "\n");
        SafetensorsWriter.Write(
            Path.Combine(folder, CheckpointFiles.Weights), model.Parameters.Select(weight => (weight.Name, weight.Value)),
            tokenizerHash is null ? null : new Dictionary<string, string> { [CheckpointFiles.TokenizerKey] = tokenizerHash });
    }

    /// <summary>Reads the weights of a folder into a model that exists; where anything is wrong, the model stays as it was.</summary>
    /// <exception cref="CheckpointException">The file is missing, broken, or not this model's.</exception>
    public static void ReadWeights(string folder, NeuralLanguageModel model) => CheckpointFiles.Reading(() =>
    {
        using var file = CheckpointFiles.OpenWeights(folder);
        var read = Read(file, model.Config, model.Device);
        foreach (var (target, source) in model.Parameters.Zip(read.Parameters))
        {
            target.Value.CopyFrom(source.Value);
            Memory.Return(source.Value);
        }
        return true;
    });

    private static NeuralLanguageModel Read(TensorFile file, ModelConfig config, Device device)
    {
        var source = new CheckpointWeights(file, name => new(name, Transposed: false));
        var model = config.Build(new Weights(source, device));
        source.ExpectNoOthers(_ => false);
        return model;
    }
}

/// <summary><c>config.json</c> of such a folder.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record OwnConfigFile
{
    public string? ModelType { get; init; }

    public ModelConfig? Model { get; init; }
}
